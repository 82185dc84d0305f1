package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlan;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The card computes what the CPU computes. */
@OnCard
class GpuArchitecturesTest {
    /** Rounding by other orders of summing, in formats of 16 bits at least. */
    private static final double CLOSE = 0.01;

    private static final int TOKENS = 16;

    @TempDir
    Path folder;

    /** A prompt in one piece, and tokens one by one: backends compute these in different ways. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void everyArchitectureWalksTheSameWay(Architecture architecture) throws IOException {
        Path file = Card.write(folder, architecture);
        compare(file, Card.context(256).build(), Card.context(256).build(), 40, CLOSE);
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F16", "BF16", "Q8_0", "Q4_0"})
    void weightsOfOtherFormatsWalkTheSameWay(GgmlType type) throws IOException {
        Path file = folder.resolve(type + ".gguf");
        SyntheticModel.builder(Architecture.LLAMA).weightType(type).write(file);
        compare(file, Card.context(256).build(), Card.context(256).build(), 40, type.isQuantized() ? 0.03 : CLOSE);
    }

    /** Heads of the lengths that backends have kernels for; longer than one block of the cache. */
    @ParameterizedTest
    @CsvSource({"64, ENABLED", "64, DISABLED", "128, ENABLED", "128, DISABLED"})
    void flashAttentionChangesNothing(int headLength, FlashAttention flashAttention) throws IOException {
        ContextOptions plain = Card.context(1024).build();
        ContextOptions flash = Card.context(1024).flashAttention(flashAttention).build();
        compare(withHeadsOf(headLength), plain, flash, 600, CLOSE);
    }

    /** The same cache on both: how it is rounded is a part of the format, but for the last bit. */
    @ParameterizedTest
    @CsvSource({"F16, 0.01, 1", "Q8_0, 0.03, 0.53125", "Q4_0, 0.15, 0.28125"})
    void cachesOfEachFormatLieOnTheCard(KvCacheType type, double distance, double size) throws IOException {
        Path file = withHeadsOf(64);
        ContextOptions options = Card.context(4096)
                .kvCacheType(type)
                .flashAttention(FlashAttention.ENABLED)
                .build();
        ContextOptions full = Card.context(4096)
                .kvCacheType(KvCacheType.F16)
                .flashAttention(FlashAttention.ENABLED)
                .build();
        long cells = Card.isGpu() ? 0 : 48L * 4096;
        long bytes =
                Card.use(MemoryPlan.of(file, Card.options().build(), options)).cache() - cells;
        long most = Card.use(MemoryPlan.of(file, Card.options().build(), full)).cache() - cells;
        assertThat((double) bytes).isCloseTo(size * most, Percentage.withPercentage(1));

        try (LlamaModel onCpu = Card.loadOnCpu(file);
                LlamaModel onCard = Card.load(file)) {
            int[] prompt = Walk.prompt(300, 3);
            Walk expected = Walk.of(onCpu, options, prompt, 6);
            Walk walk = Walk.of(onCard, options, prompt, 6);
            walk.assertFollows("a cache of " + type, expected, distance);
        }
    }

    @Test
    void embeddingsAndOutputsMayBeTheSameTensor() throws IOException {
        Path file = folder.resolve("tied.gguf");
        SyntheticModel.benchmark().write(file);
        compare(file, Card.context(256).build(), Card.context(256).build(), 40, CLOSE);
    }

    private Path withHeadsOf(int length) throws IOException {
        Path file = folder.resolve("heads-%d.gguf".formatted(length));
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .heads(4)
                .kvHeads(2)
                .headLength(length)
                .contextLength(4096)
                .write(file);
        return file;
    }

    private static void compare(
            Path file, ContextOptions cpuOptions, ContextOptions cardOptions, int promptLength, double distance) {
        int[] prompt = Walk.prompt(promptLength, 7);
        try (LlamaModel onCpu = Card.loadOnCpu(file);
                LlamaModel onCard = Card.load(file)) {
            assertThat(onCpu.isOffloaded()).isFalse();
            assertThat(onCard.isOffloaded()).isEqualTo(Card.isGpu());
            Walk expected = Walk.of(onCpu, cpuOptions, prompt, TOKENS);
            assertThat(expected.tokens()).hasSize(TOKENS);
            Walk.of(onCard, cardOptions, prompt, TOKENS)
                    .assertFollows(file.getFileName().toString(), expected, distance);
        }
    }
}
