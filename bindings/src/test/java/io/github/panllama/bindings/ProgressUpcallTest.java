package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.bindings.gen.llama_progress_callback;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressUpcallTest {
    private static boolean call(ProgressUpcall upcall, float fraction) {
        return llama_progress_callback.invoke(upcall.stub(), fraction, upcall.userData());
    }

    @Test
    void eachListenerHearsItsOwnCallsThroughTheSharedStub() {
        List<Float> first = new ArrayList<>();
        List<Float> second = new ArrayList<>();
        try (ProgressUpcall one = new ProgressUpcall(first::add);
                ProgressUpcall two = new ProgressUpcall(it -> second.add(it) && it < 1)) {
            assertThat(one.stub()).isEqualTo(two.stub());
            assertThat(call(one, 0.25f)).isTrue();
            assertThat(call(two, 1.0f)).isFalse();
        }
        assertThat(first).containsExactly(0.25f);
        assertThat(second).containsExactly(1.0f);
    }

    @Test
    void whatAListenerThrowsStopsTheCallAndIsThrownAfterwards() {
        IllegalStateException thrown = new IllegalStateException("enough");
        try (ProgressUpcall upcall = new ProgressUpcall(_ -> {
            throw thrown;
        })) {
            upcall.rethrow();
            assertThat(call(upcall, 0.5f)).isFalse();
            assertThatThrownBy(upcall::rethrow).isSameAs(thrown);
        }
    }

    @Test
    void whoThrewIsNotCalledAgain() {
        List<Float> heard = new ArrayList<>();
        IllegalStateException thrown = new IllegalStateException("enough");
        try (ProgressUpcall upcall = new ProgressUpcall(fraction -> {
            heard.add(fraction);
            throw thrown;
        })) {
            assertThat(call(upcall, 0.5f)).isFalse();
            assertThat(call(upcall, 0.75f)).isFalse();
            assertThat(heard).containsExactly(0.5f);
            assertThatThrownBy(upcall::rethrow).isSameAs(thrown);
        }
    }

    @Test
    void callAfterCloseIsAnsweredWithStop() {
        ProgressUpcall upcall = new ProgressUpcall(_ -> true);
        upcall.close();
        assertThat(call(upcall, 0.5f)).isFalse();
    }
}
