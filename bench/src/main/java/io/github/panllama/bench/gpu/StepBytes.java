package io.github.panllama.bench.gpu;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The bytes that a step of decode has to read at least: every weight once, and what is in the KV cache of each sequence.
 * Of the embeddings it reads a row for each sequence; of experts, those that the sequences choose, as if by chance.
 */
final class StepBytes {
    private static final String EMBEDDINGS = "token_embd.weight";
    private static final String OUTPUT = "output.weight";
    private static final String EXPERTS = "_exps.";

    private final long always;
    private final long experts;
    private final double usedShare;

    private StepBytes(long always, long experts, double usedShare) {
        this.always = always;
        this.experts = experts;
        this.usedShare = usedShare;
    }

    /**
     * Reads a model's header.
     *
     * @throws IOException if it cannot be read
     */
    static StepBytes of(Path file) throws IOException {
        GgufFile gguf = GgufFile.read(file);
        boolean tied = gguf.tensor(OUTPUT).isEmpty();
        long always = 0;
        long experts = 0;
        for (GgufTensor tensor : gguf.tensors()) {
            if (tensor.name().contains(EXPERTS)) {
                experts += tensor.byteSize();
            } else if (tied || !tensor.name().equals(EMBEDDINGS)) {
                always += tensor.byteSize();
            }
        }
        double all = number(gguf, "expert_count");
        double used = number(gguf, "expert_used_count");
        return new StepBytes(always, experts, all > 0 ? used / all : 0);
    }

    private static double number(GgufFile gguf, String key) {
        String architecture = gguf.metadata().architecture().orElse("");
        return gguf.metadata().longValue(architecture + "." + key, 0);
    }

    /** Of all weights, in a step of so many sequences. */
    double weights(int sequences) {
        return always + experts * (1 - Math.pow(1 - usedShare, sequences));
    }

    /**
     * Of weights and KV cache, over the tokens that a sequence generates.
     *
     * @param cacheBytes of a token; where it is not known, the KV cache is left out
     */
    double of(GpuSetting setting, OptionalLong cacheBytes) {
        double tokens = setting.parallel() * (setting.prompt() + setting.generate() / 2.0);
        return weights(setting.parallel()) + tokens * cacheBytes.orElse(0);
    }
}
