package io.github.panllama;

import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.OptionCodecs;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes context options for another process, and reads what sets the same there. */
final class ContextOptionsCodec implements OptionCodecs.Codec<ContextOptions, Consumer<ContextOptions.Builder>> {
    @Override
    public void write(ContextOptions options, FrameWriter out) {
        NullableFields.put(out, options.contextSize);
        NullableFields.put(out, options.batchSize);
        NullableFields.put(out, options.microBatchSize);
        NullableFields.put(out, options.maxSequences);
        NullableFields.put(out, options.recurrentSnapshots);
        NullableFields.put(out, options.threads);
        NullableFields.put(out, options.batchThreads);
        NullableFields.put(out, options.flashAttention);
        NullableFields.put(out, options.keyCacheType);
        NullableFields.put(out, options.valueCacheType);
        NullableFields.put(out, options.unifiedKvCache);
        NullableFields.put(out, options.fullSlidingWindowCache);
        NullableFields.put(out, options.offloadKvCache);
        NullableFields.put(out, options.offloadOperations);
        NullableFields.put(out, options.ropeScaling);
        NullableFields.put(out, options.ropeFrequencyBase);
        NullableFields.put(out, options.ropeFrequencyScale);
        write(options.yarn, out);
        NullableFields.put(out, options.pooling);
        NullableFields.put(out, options.attention);
        NullableFields.put(out, options.embeddings);
        NullableFields.put(out, options.performanceCounters);
    }

    private static void write(ContextOptions.@Nullable Yarn yarn, FrameWriter out) {
        out.putBoolean(yarn != null);
        if (yarn != null) {
            out.putFloat(yarn.extrapolation());
            out.putFloat(yarn.attention());
            out.putFloat(yarn.betaFast());
            out.putFloat(yarn.betaSlow());
            out.putInt(yarn.originalContextSize());
        }
    }

    @Override
    public Consumer<ContextOptions.Builder> read(FrameReader in) throws ProtocolException {
        Settings all = new Settings();
        all.add(NullableFields.integer(in, "contextSize"), ContextOptionsCodec::setContextSize);
        all.add(NullableFields.integer(in, "batchSize"), ContextOptions.Builder::batchSize);
        all.add(NullableFields.integer(in, "microBatchSize"), ContextOptions.Builder::microBatchSize);
        all.add(NullableFields.integer(in, "maxSequences"), ContextOptions.Builder::maxSequences);
        all.add(NullableFields.integer(in, "recurrentSnapshots"), ContextOptions.Builder::recurrentSnapshots);
        all.addPair(
                NullableFields.integer(in, "threads"),
                NullableFields.integer(in, "batchThreads"),
                builder -> builder::threads);
        all.add(
                NullableFields.constant(in, "flashAttention", FlashAttention.class),
                ContextOptions.Builder::flashAttention);
        all.addPair(
                NullableFields.constant(in, "keyCacheType", KvCacheType.class),
                NullableFields.constant(in, "valueCacheType", KvCacheType.class),
                builder -> builder::kvCacheType);
        all.add(NullableFields.truth(in, "unifiedKvCache"), ContextOptions.Builder::unifiedKvCache);
        all.add(NullableFields.truth(in, "fullSlidingWindowCache"), ContextOptions.Builder::fullSlidingWindowCache);
        all.add(NullableFields.truth(in, "offloadKvCache"), ContextOptions.Builder::offloadKvCache);
        all.add(NullableFields.truth(in, "offloadOperations"), ContextOptions.Builder::offloadOperations);
        all.add(NullableFields.constant(in, "ropeScaling", RopeScaling.class), ContextOptions.Builder::ropeScaling);
        all.add(NullableFields.real(in, "ropeFrequencyBase"), ContextOptions.Builder::ropeFrequencyBase);
        all.add(NullableFields.real(in, "ropeFrequencyScale"), ContextOptions.Builder::ropeFrequencyScale);
        readYarn(in, all);
        all.add(NullableFields.constant(in, "pooling", PoolingType.class), ContextOptions.Builder::pooling);
        all.add(NullableFields.constant(in, "attention", AttentionType.class), ContextOptions.Builder::attention);
        all.add(NullableFields.truth(in, "embeddings"), ContextOptions.Builder::embeddings);
        all.add(NullableFields.truth(in, "performanceCounters"), ContextOptions.Builder::performanceCounters);
        return all;
    }

    private static void setContextSize(ContextOptions.Builder options, int tokens) {
        if (tokens == ContextOptions.FITTING_CONTEXT) {
            options.contextSize(ContextSize.AUTO);
        } else {
            options.contextSize(tokens);
        }
    }

    private static void readYarn(FrameReader in, Settings all) throws ProtocolException {
        if (in.getBoolean("yarn")) {
            float extrapolation = in.getFloat("extrapolation");
            float attention = in.getFloat("attention");
            float betaFast = in.getFloat("betaFast");
            float betaSlow = in.getFloat("betaSlow");
            int original = in.getInt("originalContextSize");
            all.settings.add(builder -> builder.yarn(extrapolation, attention, betaFast, betaSlow, original));
        }
    }

    /** What was set. */
    private static final class Settings implements Consumer<ContextOptions.Builder> {
        private final List<Consumer<ContextOptions.Builder>> settings = new ArrayList<>();

        <T> void add(@Nullable T value, BiConsumer<ContextOptions.Builder, T> setter) {
            if (value != null) {
                settings.add(builder -> setter.accept(builder, value));
            }
        }

        /** Two that are set together. */
        <T> void addPair(
                @Nullable T first, @Nullable T second, Function<ContextOptions.Builder, BiConsumer<T, T>> setter) {
            if (first != null && second != null) {
                settings.add(builder -> setter.apply(builder).accept(first, second));
            }
        }

        @Override
        public void accept(ContextOptions.Builder builder) {
            settings.forEach(setting -> setting.accept(builder));
        }
    }
}
