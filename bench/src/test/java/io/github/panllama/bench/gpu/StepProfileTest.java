package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bench.gpu.StepProfile.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepProfileTest {
    private static final long MILLI = 1_000_000;

    private static Step step(long thread, long start, int sequences, int promptTokens) {
        return new Step(thread, start * MILLI, sequences, promptTokens, 4 * MILLI, 2 * MILLI);
    }

    @Test
    void aStepLastsUntilTheNextOneOfItsThreadWhereAllSequencesDecodeInBoth() {
        List<Step> steps = List.of(
                step(1, 0, 8, 0),
                step(2, 1, 8, 0),
                step(1, 10, 8, 0),
                step(1, 18, 8, 0),
                step(1, 100, 8, 16), // a prompt comes
                step(1, 200, 7, 0), // one has ended
                step(1, 300, 8, 0));
        assertThat(StepProfile.of(steps, 8))
                .containsEntry("all", 9.0)
                .containsEntry("decode", 4.0)
                .containsEntry("sampling", 2.0)
                .containsEntry("rest", 3.0)
                .containsEntry("steps", 2L);
    }

    @Test
    void withoutSuchAStepThereIsNothing() {
        assertThat(StepProfile.of(List.of(), 8)).isNull();
        assertThat(StepProfile.of(List.of(step(1, 0, 8, 0), step(1, 5, 8, 3)), 8))
                .isNull();
    }
}
