package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelLoadException;
import io.github.panllama.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Objects closed in every order, twice, or never. */
final class CloseCases {
    private CloseCases() {}

    static void register(AbuseCases cases) {
        cases.family("close");
        List<List<Integer>> orders = new ArrayList<>();
        permutations(new ArrayList<>(), orders);
        for (List<Integer> order : orders) {
            cases.lives("model, context, batch, sampler in the order " + order, f -> inOrder(f, order));
        }
        cases.lives("everything twice", f -> {
            LlamaModel model = f.freshModel();
            LlamaContext context = model.newContext(AbuseFixture.small().build());
            Batch batch = context.newBatch();
            Sampler sampler = Sampler.greedy(model);
            BatchSampler rows = BatchSampler.create(1, 1);
            LoraAdapter adapter = LoraAdapter.load(model, f.file(AbuseFiles.LORA));
            for (int i = 0; i < 2; i++) {
                model.close();
                context.close();
                batch.close();
                sampler.close();
                rows.close();
                adapter.close();
            }
        });
        cases.lives("model first, then everything is used", f -> {
            LlamaModel model = f.freshModel();
            LoraAdapter adapter = LoraAdapter.load(model, f.file(AbuseFiles.LORA));
            try (LlamaContext context = model.newContext(AbuseFixture.small().build());
                    Sampler sampler = Sampler.greedy(model)) {
                model.close();
                context.setAdapters(Map.of(adapter, 1f));
                adapter.close();
                AbuseFixture.decode(context, 0, 0, 5);
                sampler.sample(context, 4);
                sampler.copy().close();
                context.state().restore(context.state().save());
                context.setAdapters(Map.of());
                AbuseFixture.decode(context, 0, 5, 5);
            }
        });
        cases.rejects("a closed model makes no context", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            model.newContext();
        });
        cases.lives("never closed, then collected", f -> {
            for (int i = 0; i < 20; i++) {
                LlamaModel model = f.freshModel();
                AbuseFixture.decoded(model.newContext(AbuseFixture.small().build()), 2);
                Sampler.greedy(model);
            }
            System.gc();
            System.gc();
        });
        cases.lives("a load that fails takes nothing", f -> {
            for (int i = 0; i < 50; i++) {
                try {
                    LlamaModel.load(f.file(AbuseFiles.LORA));
                } catch (ModelLoadException expected) {
                    Thread.onSpinWait();
                }
            }
        });
        cases.lives("a context opened and closed 200 times", f -> {
            for (int i = 0; i < 200; i++) {
                f.context().close();
            }
        });
    }

    private static void permutations(List<Integer> start, List<List<Integer>> all) {
        if (start.size() == 4) {
            all.add(List.copyOf(start));
        }
        for (int i = 0; i < 4; i++) {
            if (!start.contains(i)) {
                start.add(i);
                permutations(start, all);
                start.removeLast();
            }
        }
    }

    private static void inOrder(AbuseFixture f, List<Integer> order) throws Exception {
        LlamaModel model = f.freshModel();
        LlamaContext context = model.newContext(AbuseFixture.small().build());
        Batch batch = context.newBatch();
        Sampler sampler = Sampler.greedy(model);
        batch.add(1, 0, 0, true);
        context.decode(batch);
        sampler.sample(context, 0);
        AutoCloseable[] objects = {model, context, batch, sampler};
        for (int index : order) {
            objects[index].close();
        }
    }
}
