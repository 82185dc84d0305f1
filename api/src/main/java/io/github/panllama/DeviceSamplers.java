package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The samplers that a context's device runs, by sequence: copies of its user's, which it owns. */
final class DeviceSamplers {
    /** Closer to 1, rounding lets the device's min-p rule out the likeliest token too. */
    private static final float LARGEST_MIN_P = 0.9f;
    /** The device multiplies by its reciprocal, which must not overflow. */
    private static final float LEAST_TEMPERATURE = 0.01f;

    private final Handle context;
    private final int vocabularySize;
    private final Map<Integer, Sampler> samplers = new HashMap<>();

    DeviceSamplers(Handle context, int vocabularySize) {
        this.context = context;
        this.vocabularySize = vocabularySize;
    }

    /** Answers whether the device chooses the tokens of the sequence from now on. */
    boolean set(int sequence, @Nullable Sampler sampler) {
        Sampler before = samplers.get(sequence);
        if (sampler == null || !canRun(sampler.stages(), vocabularySize)) {
            if (before != null) {
                setNative(sequence, MemorySegment.NULL);
                release(sequence);
            }
            return false;
        }
        if (before != null && shape(before.stages()).equals(shape(sampler.stages()))) {
            // A sampler in the place of another makes llama.cpp lay out its graph anew; a state in that place does not.
            sampler.copyStateTo(before);
            return true;
        }
        return replace(sequence, sampler.copy());
    }

    private boolean replace(int sequence, Sampler copy) {
        boolean runs = false;
        try {
            context.keep(copy.handle());
            runs = setNative(sequence, copy.handle().pointer());
        } finally {
            // The one before is out of use now, also where the device refused the new one.
            release(sequence);
            samplers.put(sequence, copy);
            if (!runs) {
                release(sequence);
            }
        }
        return runs;
    }

    private boolean setNative(int sequence, MemorySegment chain) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment whole = arena.allocate(JAVA_BOOLEAN);
            Natives.check(
                    LlamaC.panllama_context_set_sampler(context.pointer(), sequence, chain, whole),
                    "Setting the sampler of a sequence");
            return whole.get(JAVA_BOOLEAN, 0);
        }
    }

    private void release(int sequence) {
        Sampler sampler = samplers.remove(sequence);
        if (sampler != null) {
            context.release(sampler.handle());
            sampler.close();
        }
    }

    /** Whether the device has chosen a token for a row of the last batch. */
    boolean hasChosen(int row) {
        return !samplers.isEmpty()
                && LlamaC.llama_get_sampled_token_ith(context.pointer(), row) != LlamaC.LLAMA_TOKEN_NULL();
    }

    /** The context is closed. */
    void close() {
        samplers.values().forEach(Sampler::close);
        samplers.clear();
    }

    /** Two with the same shape differ by their state alone. */
    private static List<SamplerStage> shape(List<SamplerStage> stages) {
        return stages.stream()
                .map(stage -> stage instanceof SamplerStage.Distribution ? new SamplerStage.Distribution(0) : stage)
                .toList();
    }

    /**
     * Whether the stages mean the same on a device as on the host. llama.cpp's device stages look at no number of
     * candidates to keep; its top-k aborts where there are fewer candidates; its biases and its greedy choice take the
     * place of a candidate for its token.
     */
    static boolean canRun(List<SamplerStage> stages, int vocabularySize) {
        boolean topK = false;
        for (int i = 0; i < stages.size(); i++) {
            boolean can = switch (stages.get(i)) {
                case SamplerStage.LogitBias(Map<Integer, Float> biases) -> i == 0 && biases.size() < vocabularySize;
                case SamplerStage.TopK(int k) -> k <= vocabularySize && !topK;
                case SamplerStage.TopP(float _, int minKeep) -> minKeep <= 1;
                case SamplerStage.MinP(float p, int minKeep) -> p <= LARGEST_MIN_P && minKeep <= 1;
                case SamplerStage.Temperature(float temperature) -> temperature >= LEAST_TEMPERATURE;
                case SamplerStage.Distribution _ -> i == stages.size() - 1;
                case SamplerStage.Greedy() ->
                    stages.subList(0, i).stream().allMatch(SamplerStage.LogitBias.class::isInstance);
                default -> false;
            };
            if (!can) {
                return false;
            }
            topK |= stages.get(i) instanceof SamplerStage.TopK;
        }
        return true;
    }
}
