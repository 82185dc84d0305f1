package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Device;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoadMode;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the card takes the card's memory, and gives it back. */
@OnCard
class GpuMemoryTest {
    private static final long MIB = 1 << 20;
    private static final int CELLS = 8192;
    private static final int CYCLES = 50;
    private static final int[] PROMPT = Walk.prompt(64, 5);

    @TempDir
    private static Path folder;

    /** 34 MiB of weights, and 64 MiB of cache for 8,192 tokens: more than noise. */
    private static Path file;

    @BeforeAll
    static void write() throws IOException {
        file = folder.resolve("model.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(512)
                .layers(4)
                .heads(8)
                .kvHeads(8)
                .headLength(64)
                .feedForwardLength(2048)
                .contextLength(CELLS)
                .weightType(GgmlType.F16)
                .write(file);
        // What a driver takes once, when it computes first, is no part of a model.
        cycle();
    }

    /** Read, not mapped: pages of the file would not count where the CPU stands in. */
    private static LlamaModel load() {
        return LlamaModel.load(file, Card.options().loadMode(LoadMode.READ).build());
    }

    @Test
    void theCardIsListedWithItsMemory() {
        assertThat(Card.all())
                .allSatisfy(card -> assertThat(card.freeMemory()).isBetween(1L, card.totalMemory()))
                .extracting(Device::name)
                .doesNotHaveDuplicates();
        assertThat(Card.all()).hasSize(Card.isGpu() ? Device.gpus().size() : 0);
    }

    @Test
    void offloadedLayersTakeTheCardsMemoryAsPlannedAndGiveItBack() {
        ModelOptions options = Card.options().loadMode(LoadMode.READ).build();
        MemoryUse planned =
                Card.use(MemoryPlan.of(file, options, Card.context(CELLS).build()));
        assertThat(planned.weights()).isBetween(30 * MIB, 40 * MIB);
        assertThat(planned.cache()).isBetween(64 * MIB, 66 * MIB);
        long before = Card.taken();
        try (LlamaModel model = load()) {
            assertThat(model.isOffloaded()).isEqualTo(Card.isGpu());
            long loaded = Card.taken() - before;
            try (LlamaContext context = model.newContext(Card.context(CELLS).build())) {
                Walk.of(context, PROMPT, 4);
                long computed = Card.taken() - before;
                // Of this process, the Java heap takes and gives back more than that.
                if (Card.hasMemoryOfItsOwn()) {
                    assertThat(loaded).isCloseTo(planned.weights(), within(16 * MIB));
                    // Backends keep some scratch memory beside what is planned.
                    assertThat(computed)
                            .isBetween(planned.weights() + planned.cache() - 16 * MIB, planned.total() + 256 * MIB);
                }
            }
        }
        assertThat(Card.taken() - before).isLessThan(allowance());
    }

    @Test
    void layersOfTheCpuTakeNothingOfTheCard() {
        MemoryPlan plan = MemoryPlan.of(
                file, Card.options().gpuLayers(0).build(), Card.context(CELLS).build());
        if (Card.isGpu()) {
            assertThat(Card.use(plan).weights()).isZero();
            assertThat(Card.use(plan).cache()).isZero();
        }
        assertThat(plan.host().weights()).isGreaterThan(30 * MIB);
        MemoryPlan part = MemoryPlan.of(
                file, Card.options().gpuLayers(2).build(), Card.context(CELLS).build());
        long onCard = Card.use(part).weights();
        assertThat(onCard).isBetween(8 * MIB, Card.isGpu() ? 24 * MIB : 40 * MIB);
    }

    @Test
    void fiftyModelsContextsAndEnginesLeaveNothingBehind() {
        for (int i = 0; i < 3; i++) {
            cycle();
        }
        long before = Card.taken();
        for (int i = 0; i < CYCLES; i++) {
            cycle();
        }
        assertThat(Card.taken() - before).isLessThan(allowance());
    }

    /** A context, and an engine with a context of its own. */
    private static void cycle() {
        EngineOptions options = EngineOptions.builder()
                .sequences(2)
                .contextSize(1024)
                .context(Card::fixed)
                .build();
        try (LlamaModel model = load();
                LlamaContext context = model.newContext(Card.context(1024).build());
                LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionRequest request = CompletionRequest.builder(PROMPT)
                    .maxTokens(2)
                    .sampling(SamplingOptions.greedy())
                    .build();
            assertThat(engine.generate(request).await().tokens())
                    .isEqualTo(Walk.of(context, PROMPT, 2).tokens());
        }
    }

    /** Of a card, 16 MiB. The Java heap moves by more; 50 models that leaked would be over 1.7 GiB. */
    private static long allowance() {
        return Card.hasMemoryOfItsOwn() ? 16 * MIB : 192 * MIB;
    }
}
