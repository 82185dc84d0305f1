package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CalculatorTest {
    @ParameterizedTest
    @CsvSource({
        "23 * 47, 1081",
        "1 + 2 * 3 - 4, 3",
        "(1 + 2) * (3 - 4), -3",
        "-(-2) * -3, -6",
        "10 / 4, 2.5",
        "1 / 3 * 0, 0",
        "2.50 + 2.50, 5",
        "100 - 1, 99",
        "7, 7"
    })
    void expressionsAreWorkedOut(String expression, String value) {
        assertThat(Calculator.evaluate(expression)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1 +", "(1", "1)", "one", "1 2", "1..2", "2 ** 3", "1; 2"})
    void othersAreRefused(String expression) {
        assertThatThrownBy(() -> Calculator.evaluate(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no expression");
    }

    @Test
    void whatWouldTakeTooMuchIsRefused() {
        assertThatThrownBy(() -> Calculator.evaluate("1 / 0")).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Calculator.evaluate("(".repeat(500))).hasMessageContaining("too deep");
        assertThatThrownBy(() -> Calculator.evaluate("1".repeat(1001))).hasMessageContaining("too long");
    }
}
