package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NativeLogTest {
    private static final int INFO = LlamaC.GGML_LOG_LEVEL_INFO();
    private static final int WARN = LlamaC.GGML_LOG_LEVEL_WARN();

    @BeforeAll
    static void load() {
        NativeRuntime.get();
    }

    @Test
    void captureKeepsWarningsAndTheLastTwentyOtherLinesInOrder() {
        try (NativeLog.Capture capture = NativeLog.capture()) {
            NativeLog.accept(WARN, "early warning\n");
            IntStream.range(0, 50).forEach(i -> NativeLog.accept(INFO, "line " + i + "\n"));
            NativeLog.accept(WARN, "late warning\n");
            List<String> lines = capture.lines();
            assertThat(lines).hasSize(22).startsWith("early warning", "line 30").endsWith("line 49", "late warning");
        }
    }

    @Test
    void capturesNestAndEndWithTheirClose() {
        try (NativeLog.Capture outer = NativeLog.capture()) {
            NativeLog.accept(WARN, "one");
            try (NativeLog.Capture inner = NativeLog.capture()) {
                NativeLog.accept(WARN, "two");
                assertThat(inner.lines()).containsExactly("two");
            }
            NativeLog.accept(WARN, "three");
            assertThat(outer.lines()).containsExactly("one", "two", "three");
        }
    }

    @Test
    void aCaptureHearsSubduedLinesAsTheyWereGiven() {
        try (NativeLog.Subdued _ = NativeLog.subdue();
                NativeLog.Capture capture = NativeLog.capture()) {
            NativeLog.accept(WARN, "why it failed");
            IntStream.range(0, 50).forEach(i -> NativeLog.accept(INFO, "line " + i));
            assertThat(capture.lines()).hasSize(21).startsWith("why it failed", "line 30");
        }
    }

    @Test
    void anotherThreadsLinesAreNotCaptured() throws InterruptedException {
        try (NativeLog.Capture capture = NativeLog.capture()) {
            Thread other = new Thread(() -> NativeLog.accept(WARN, "from elsewhere"));
            other.start();
            other.join();
            assertThat(capture.lines()).isEmpty();
        }
    }

    @Test
    void nativeErrorsArriveInTheCaptureAndInTheStatus() {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture capture = NativeLog.capture()) {
            MemorySegment paths = arena.allocateFrom(ValueLayout.ADDRESS, arena.allocateFrom("/no/such/model.gguf"));
            MemorySegment params = LlamaC.llama_model_default_params(arena);
            llama_model_params.vocab_only(params, true);
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            assertThat(LlamaC.panllama_model_load(paths, 1, params, out)).isEqualTo(LlamaC.PANLLAMA_FAILED());
            assertThat(Status.lastError()).contains("/no/such/model.gguf").contains("No such file");
            assertThat(capture.lines()).anyMatch(line -> line.contains("/no/such/model.gguf"));
            assertThat(Pointers.isNull(out.get(ValueLayout.ADDRESS, 0))).isTrue();
        }
    }
}
