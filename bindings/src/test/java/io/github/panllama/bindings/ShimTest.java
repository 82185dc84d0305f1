package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the shim promises and needs no model. */
class ShimTest {
    private final Arena arena = Arena.ofConfined();

    @BeforeAll
    static void load() {
        NativeRuntime.get();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment sampler(ToIntFunction<MemorySegment> constructor) {
        MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
        Status.check(constructor.applyAsInt(out));
        return out.get(ValueLayout.ADDRESS, 0);
    }

    private MemorySegment chain(MemorySegment... samplers) {
        MemorySegment chain = Pointers.adopt(
                sampler(out -> LlamaC.panllama_sampler_chain(true, out)), arena, LlamaC::panllama_sampler_free);
        for (MemorySegment sampler : samplers) {
            Status.check(LlamaC.panllama_sampler_chain_add(chain, sampler));
        }
        return chain;
    }

    private int sample(MemorySegment chain, float... logits) {
        MemorySegment token = arena.allocate(ValueLayout.JAVA_INT);
        token.set(ValueLayout.JAVA_INT, 0, 7);
        int status = LlamaC.panllama_sample_logits(
                chain, 0, arena.allocateFrom(ValueLayout.JAVA_FLOAT, logits), logits.length, token);
        int sampled = token.get(ValueLayout.JAVA_INT, 0);
        if (status != LlamaC.PANLLAMA_OK()) {
            assertThat(sampled).isEqualTo(LlamaC.LLAMA_TOKEN_NULL());
        }
        Status.check(status);
        return sampled;
    }

    @Test
    void greedyAloneTakesTheSameTokenAsLlamasOwnGreedyAmongTies() {
        MemorySegment fast = chain(sampler(LlamaC::panllama_sampler_greedy));
        MemorySegment own = chain(
                sampler(out -> LlamaC.panllama_sampler_temperature(1, out)), sampler(LlamaC::panllama_sampler_greedy));
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            float[] logits = new float[1 + random.nextInt(300)];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = random.nextInt(8) == 0 ? Float.NEGATIVE_INFINITY : random.nextInt(20) - 15;
            }
            logits[random.nextInt(logits.length)] = 1;
            assertThat(sample(fast, logits)).isEqualTo(sample(own, logits));
        }
    }

    @Test
    void sameSeedSamplesTheSameTokens() {
        Random random = new Random(2);
        float[] logits = new float[500];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextFloat();
        }
        MemorySegment one = chain(sampler(out -> LlamaC.panllama_sampler_dist(42, out)));
        MemorySegment two = chain(sampler(out -> LlamaC.panllama_sampler_dist(42, out)));
        for (int i = 0; i < 20; i++) {
            assertThat(sample(one, logits)).isEqualTo(sample(two, logits));
        }
    }

    @Test
    void logitsThatAreNoNumbersFailInEveryChain() {
        MemorySegment greedy = chain(sampler(LlamaC::panllama_sampler_greedy));
        MemorySegment dist = chain(sampler(out -> LlamaC.panllama_sampler_dist(1, out)));
        for (MemorySegment chain : new MemorySegment[] {greedy, dist}) {
            assertThatThrownBy(() -> sample(chain, 1, Float.NaN, 2))
                    .isInstanceOf(NativeCallException.class)
                    .hasMessageContaining("not numbers");
            assertThatThrownBy(() -> sample(chain, 1, Float.POSITIVE_INFINITY)).hasMessageContaining("not numbers");
            assertThat(sample(chain, Float.NEGATIVE_INFINITY, 2)).isEqualTo(1);
        }
    }

    @Test
    void logitsThatAllowNothingFailInEveryChain() {
        float none = Float.NEGATIVE_INFINITY;
        assertThatThrownBy(() -> sample(chain(sampler(LlamaC::panllama_sampler_greedy)), none, none))
                .hasMessageContaining("no token is allowed");
        assertThatThrownBy(() -> sample(chain(sampler(out -> LlamaC.panllama_sampler_dist(1, out))), none, none))
                .hasMessageContaining("no token is allowed");
    }

    @Test
    void chainThatSelectsNothingFails() {
        assertThatThrownBy(() -> sample(chain(), 1, 2)).hasMessageContaining("selected no token");
        assertThatThrownBy(() -> sample(chain(sampler(out -> LlamaC.panllama_sampler_top_k(1, out))), 1, 2))
                .hasMessageContaining("selected no token");
    }

    @Test
    void grammarThatDoesNotParseFails() {
        assertThatThrownBy(() -> grammar("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> grammar("root ::= root \"a\"")).hasMessageContaining("left recursion");
        assertThatThrownBy(() -> grammar("other ::= \"a\"")).hasMessageContaining("'root'");
    }

    private void grammar(String text) {
        sampler(out -> LlamaC.panllama_sampler_grammar(
                MemorySegment.NULL, arena.allocateFrom(text), arena.allocateFrom("root"), out));
    }

    @Test
    void regularExpressionThatDoesNotParseFails() {
        MemorySegment patterns = arena.allocateFrom(ValueLayout.ADDRESS, arena.allocateFrom("(["));
        assertThatThrownBy(() -> sampler(out -> LlamaC.panllama_sampler_grammar_lazy(
                        MemorySegment.NULL,
                        arena.allocateFrom("root ::= \"a\""),
                        arena.allocateFrom("root"),
                        patterns,
                        1,
                        MemorySegment.NULL,
                        0,
                        out)))
                .isInstanceOf(NativeCallException.class)
                .hasMessageContaining("bracket");
    }

    @Test
    void libraryThatCannotBeOpenedFailsWithTheLinkersWords() throws Exception {
        assertThat(LlamaC.panllama_library_open(arena.allocateFrom("libnowhere.so.1")))
                .isEqualTo(LlamaC.PANLLAMA_FAILED());
        assertThat(Status.lastError())
                .isEqualTo("libnowhere.so.1: cannot open shared object file: No such file or directory");
        Path text = Files.createTempFile("plugin", ".so");
        Files.writeString(text, "no library");
        assertThat(LlamaC.panllama_backend_load(arena.allocateFrom(text.toString()), arena.allocate(8)))
                .isEqualTo(LlamaC.PANLLAMA_FAILED());
        assertThat(Status.lastError()).contains(text.toString());
        Files.delete(text);
    }

    @Test
    void poolsAreMadeAndFreedWithoutWork() {
        for (int threads = 0; threads < 4; threads++) {
            int n = threads;
            LlamaC.panllama_sampling_pool_free(sampler(out -> LlamaC.panllama_sampling_pool_create(n, out)));
        }
    }

    @Test
    void messagesBelongToTheirThread() throws InterruptedException {
        assertThat(LlamaC.panllama_library_open(arena.allocateFrom("libnowhere.so")))
                .isEqualTo(LlamaC.PANLLAMA_FAILED());
        String[] elsewhere = new String[1];
        Thread other = new Thread(() -> elsewhere[0] = Status.lastError());
        other.start();
        other.join();
        assertThat(elsewhere[0]).isEmpty();
    }

    @Test
    void failedAssertionSaysItsMessageAndForksNoDebugger() throws Exception {
        ForkedJvm.Result result = new ForkedJvm()
                .option("--enable-native-access=ALL-UNNAMED")
                .option("-XX:-CreateCoredumpOnCrash")
                .option("-XX:ErrorFile=/dev/null")
                .option("-Dpanllama.library.path="
                        + NativeRuntime.get().libraries().getFirst().path().getParent())
                .run(AbortMain.class);
        assertThat(result.exit()).isEqualTo(134); // SIGABRT
        assertThat(result.output())
                .contains("panllama: llama.cpp aborts the process:", "GGML_ASSERT(index < ggml_backend_dev_count())")
                .doesNotContain("ptrace", "gdb");
    }

    /** Asks for a device that is not there. */
    static final class AbortMain {
        private AbortMain() {}

        public static void main(String[] arguments) {
            NativeRuntime.get();
            LlamaC.ggml_backend_dev_get(1_000_000);
        }
    }
}
