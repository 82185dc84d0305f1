package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.bindings.gen.llama_progress_callback;
import io.github.panllama.bindings.gen.panllama_quantize_callback;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuantizeUpcallTest {
    private static boolean call(QuantizeUpcall upcall, String text) {
        try (Arena arena = Arena.ofConfined()) {
            return panllama_quantize_callback.invoke(upcall.stub(), arena.allocateFrom(text), upcall.userData());
        }
    }

    @Test
    void eachKindHearsItsOwnCallsThroughItsOwnStub() {
        List<String> messages = new ArrayList<>();
        List<Float> fractions = new ArrayList<>();
        try (QuantizeUpcall quantize = new QuantizeUpcall(messages::add);
                ProgressUpcall progress = new ProgressUpcall(fractions::add)) {
            assertThat(quantize.stub()).isNotEqualTo(progress.stub());
            assertThat(call(quantize, "größer")).isTrue();
            assertThat(llama_progress_callback.invoke(progress.stub(), 0.5f, progress.userData()))
                    .isTrue();
        }
        assertThat(messages).containsExactly("größer");
        assertThat(fractions).containsExactly(0.5f);
    }

    @Test
    void whoThrewIsNotCalledAgain() {
        List<String> heard = new ArrayList<>();
        StackOverflowError thrown = new StackOverflowError("enough");
        try (QuantizeUpcall upcall = new QuantizeUpcall(message -> {
            heard.add(message);
            throw thrown;
        })) {
            assertThat(call(upcall, "one")).isFalse();
            assertThat(call(upcall, "two")).isFalse();
            assertThat(heard).containsExactly("one");
            assertThatThrownBy(upcall::rethrow).isSameAs(thrown);
        }
    }
}
