package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import java.nio.charset.StandardCharsets;

/** Asks a grammar whether it allows a text: byte by byte, and then the end. */
final class GrammarProbe implements AutoCloseable {
    private final Sampler sampler;
    private final int end;

    /** The model's tokens 0 to 255 are the bytes. */
    GrammarProbe(LlamaModel model, String grammar) {
        sampler = Sampler.of(model, new SamplerStage.Grammar(grammar), new SamplerStage.Greedy());
        end = model.tokenizer().endOfText().orElseThrow();
    }

    boolean allows(String text) {
        try {
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                sampler.accept(b & 0xff);
            }
            sampler.accept(end);
            return true;
        } catch (SamplingException e) {
            return false;
        } finally {
            sampler.reset();
        }
    }

    @Override
    public void close() {
        sampler.close();
    }
}
