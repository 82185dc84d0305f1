package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelOptions;
import io.github.panllama.Sampler;
import io.github.panllama.StateCopy;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import java.util.List;

/** Objects of this library that do not fit, or no more: part of {@link OddValues}. */
final class OddObjects {
    private OddObjects() {}

    /** Adds those of a type. */
    static void add(Class<?> type, List<OddValues.Odd> odd) {
        if (type == LlamaModel.class) {
            models(odd);
        } else if (type == LlamaContext.class) {
            odd.add(closed(type));
            for (Architecture architecture : List.of(Architecture.MAMBA2, Architecture.BERT)) {
                odd.add(OddValues.made(
                        "of " + architecture, s -> s.keep(s.fixture().context(architecture))));
            }
        } else if (type == LoraAdapter.class) {
            odd.add(closed(type));
            odd.add(OddValues.made(
                    "of another model",
                    s -> s.keep(LoraAdapter.load(
                            s.fixture().model(Architecture.QWEN2), s.fixture().file(AbuseFiles.OTHER_LORA)))));
        } else if (type == Sampler.class) {
            odd.add(closed(type));
            odd.add(OddValues.made(
                    "of another model", s -> s.keep(Sampler.greedy(s.fixture().model(Architecture.MAMBA2)))));
        } else if (type == Sampler[].class) {
            odd.add(OddValues.value("none", new Sampler[0]));
            odd.add(new OddValues.Odd("null inside", true, s -> new Sampler[] {null, null}));
            odd.add(OddValues.made("closed", s -> new Sampler[] {sampler(s), sampler(s)}));
        } else if (type == Batch.class || type == StateCopy.class || type == LlamaEngine.class) {
            odd.add(closed(type));
        }
    }

    private static void models(List<OddValues.Odd> odd) {
        odd.add(OddValues.made("closed", s -> {
            LlamaModel model = s.fixture().freshModel();
            model.close();
            return model;
        }));
        odd.add(OddValues.made(
                "a vocabulary alone",
                s -> s.keep(LlamaModel.load(
                        s.fixture().file(),
                        ModelOptions.builder().vocabularyOnly(true).build()))));
        for (Architecture architecture : Architecture.values()) {
            odd.add(OddValues.made(architecture.toString(), s -> s.fixture().model(architecture)));
        }
    }

    private static OddValues.Odd closed(Class<?> type) {
        return OddValues.made("closed", s -> {
            AutoCloseable object = (AutoCloseable) s.value(type);
            object.close();
            return object;
        });
    }

    private static Sampler sampler(Samples samples) {
        Sampler sampler = Sampler.greedy(samples.model());
        sampler.close();
        return sampler;
    }
}
