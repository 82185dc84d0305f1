package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CloseOrderTest {
    @Test
    void everyOrderOfClosingModelContextBatchSamplerAndAdapterWorks() throws IOException {
        Path lora = TestModels.lora(1);
        List<int[]> orders = new ArrayList<>();
        permute(new int[] {0, 1, 2, 3, 4}, 0, orders);
        assertThat(orders).hasSize(120);
        for (int[] order : orders) {
            List<AutoCloseable> all = open(lora);
            for (int i : order) {
                close(all.get(i));
                close(all.get(i)); // a second time does nothing
            }
        }
    }

    private static List<AutoCloseable> open(Path lora) {
        LlamaModel model = TestModels.llama();
        LlamaContext context = model.newContext(TestModels.context(64).build());
        Batch batch = context.newBatch(8);
        Sampler sampler = Sampler.greedy(model);
        LoraAdapter adapter = LoraAdapter.load(model, lora);
        context.setAdapters(Map.of(adapter, 1f));
        batch.addAll(TestModels.prompt(8, 1), 0, 8, 0, 0, true);
        context.decode(batch);
        assertThat(sampler.sample(context, 7)).isNotNegative();
        return List.of(model, context, batch, sampler, adapter);
    }

    private static void close(AutoCloseable object) {
        try {
            object.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void permute(int[] items, int from, List<int[]> out) {
        if (from == items.length) {
            out.add(items.clone());
        }
        for (int i = from; i < items.length; i++) {
            swap(items, from, i);
            permute(items, from + 1, out);
            swap(items, from, i);
        }
    }

    private static void swap(int[] items, int i, int j) {
        int item = items[i];
        items[i] = items[j];
        items[j] = item;
    }

    @Test
    void childrenWorkOnAfterTheirModelAndAdapterWereClosed() throws IOException {
        LlamaModel model = TestModels.llama();
        int[] prompt = TestModels.prompt(8, 3);
        LoraAdapter adapter = LoraAdapter.load(model, TestModels.lora(1));
        try (LlamaContext context = model.newContext(TestModels.context(64).build());
                Sampler sampler = Sampler.greedy(model)) {
            context.setAdapters(Map.of(adapter, 1f));
            float[] before = TestModels.evaluate(context, 0, 0, prompt);
            model.close();
            adapter.close();
            context.memory().clear();
            assertThat(TestModels.evaluate(context, 0, 0, prompt)).isEqualTo(before);
            assertThat(sampler.sample(context, 7)).isEqualTo(TestModels.argmax(before));
            assertThat(context.model().isClosed()).isTrue();
            // Swapping the closed adapter away lets it go; the context goes on without.
            context.setAdapters(Map.of());
            context.memory().clear();
            assertThat(TestModels.evaluate(context, 0, 0, prompt)).isNotEqualTo(before);
        }
    }

    @Test
    void aModelThatClosesWhileOthersMakeChildrenOfItRefusesOrServesThem() throws Exception {
        for (int round = 0; round < 12; round++) {
            LlamaModel model = TestModels.load(Architecture.QWEN2);
            AtomicInteger made = new AtomicInteger();
            Thread maker = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        try (LlamaContext context =
                                        model.newContext(TestModels.context(32).build());
                                Sampler sampler = Sampler.greedy(model)) {
                            TestModels.evaluate(context, 0, 0, 1, 2, 3);
                            assertThat(sampler.sample(context, 2)).isNotNegative();
                            made.incrementAndGet();
                        }
                    }
                } catch (IllegalStateException closed) {
                    assertThat(closed).hasMessageContaining("closed");
                    made.addAndGet(1000);
                }
            });
            while (made.get() < round % 3 && maker.isAlive()) {
                Thread.onSpinWait();
            }
            model.close();
            maker.join();
            assertThat(made.get()).isGreaterThanOrEqualTo(1000);
        }
    }

    @Test
    void aChildOfAClosedModelIsRefused() throws IOException {
        Path lora = TestModels.lora(1);
        LlamaModel model = TestModels.llama();
        model.close();
        assertThatThrownBy(() -> model.newContext()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Sampler.greedy(model)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> LoraAdapter.load(model, lora)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> TextGenerator.of(model)).isInstanceOf(IllegalStateException.class);
    }
}
