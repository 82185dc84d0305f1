package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import java.util.List;

/** Whether an engine can compute with models beside each other, as if they were one. */
final class SameModel {
    private SameModel() {}

    /** A copy of the list, if its models are the same ones and can generate. */
    static List<LlamaModel> check(List<LlamaModel> models) {
        List<LlamaModel> all = List.copyOf(models);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("models is empty, must have one model or more");
        }
        LlamaModel first = all.getFirst();
        for (int i = 0; i < all.size(); i++) {
            LlamaModel model = all.get(i);
            if (model.hasEncoder() || !model.hasDecoder()) {
                throw new UnsupportedOperationException(model + " has an encoder; an engine needs a decoder alone");
            }
            if (!model.isCausal()) {
                throw new UnsupportedOperationException(
                        model + " does not generate one token after another: its tokens attend"
                                + " to those that follow. For embeddings use an Embedder");
            }
            if (model != first) {
                check(first, model, i);
            }
        }
        return all;
    }

    private static void check(LlamaModel first, LlamaModel model, int index) {
        String difference = null;
        if (!model.fingerprint().equals(first.fingerprint())) {
            difference = "its file has other contents";
        } else if (model.vocabularySize() != first.vocabularySize()
                || !model.metadata().equals(first.metadata())) {
            difference = "its metadata was overridden in another way";
        }
        if (difference != null) {
            throw new IllegalArgumentException(
                    "models has %s at index %d, which is not the same model as %s: %s. Load one file onto each device"
                            .formatted(model, index, first, difference));
        }
    }
}
