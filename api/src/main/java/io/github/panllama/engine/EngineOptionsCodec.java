package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.OptionCodecs;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How engine options are written for another process. The context's are made here, and set there. */
final class EngineOptionsCodec {
    private EngineOptionsCodec() {}

    static void write(EngineOptions options, FrameWriter out) {
        out.putInt(options.replicas);
        out.putInt(options.sequences);
        NullableFields.put(out, options.contextSize);
        NullableFields.put(out, options.batchSize);
        out.putInt(options.queueCapacity);
        out.putInt(options.readAhead);
        NullableFields.put(out, options.samplingThreads);
        NullableFields.putConstant(out, options.deviceSampling);
        out.putBoolean(options.prefixCache);
        out.putInt(options.predictedTokens);
        out.putStrings(List.copyOf(options.adapters.keySet()));
        out.putStrings(options.adapters.values().stream()
                .map(file -> file.toAbsolutePath().toString())
                .toList());
        out.putNullableString(path(options.draftModel));
        Wire.putDuration(out, options.aging);
        out.putBoolean(options.targetInterTokenLatency != null);
        if (options.targetInterTokenLatency != null) {
            Wire.putDuration(out, options.targetInterTokenLatency);
        }
        out.putLong(options.sessionMemory);
        out.putNullableString(path(options.sessionFolder));
        ContextOptions.Builder context = ContextOptions.builder();
        options.context.accept(context);
        OptionCodecs.<ContextOptions, Object>of(ContextOptions.class).write(context.build(), out);
    }

    private static @Nullable String path(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath().toString();
    }

    static EngineOptions read(FrameReader in) throws ProtocolException {
        EngineOptions.Builder options = EngineOptions.builder();
        options.replicas(in.getInt("replicas"));
        options.sequences(in.getInt("sequences"));
        @Nullable Integer contextSize = NullableFields.integer(in, "contextSize");
        if (contextSize != null) {
            options.contextSize(contextSize);
        }
        @Nullable Integer batchSize = NullableFields.integer(in, "batchSize");
        if (batchSize != null) {
            options.batchSize(batchSize);
        }
        options.queueCapacity(in.getInt("queueCapacity"));
        options.readAhead(in.getInt("readAhead"));
        @Nullable Integer samplingThreads = NullableFields.integer(in, "samplingThreads");
        if (samplingThreads != null) {
            options.samplingThreads(samplingThreads);
        }
        options.deviceSampling(NullableFields.required(in, "deviceSampling", DeviceSampling.class));
        options.prefixCache(in.getBoolean("prefixCache"));
        int predicted = in.getInt("predictedTokens");
        if (predicted != 0) {
            options.multiTokenPrediction(predicted);
        }
        List<String> names = Wire.getStrings(in, "names of adapters");
        List<String> files = Wire.getStrings(in, "files of adapters");
        if (names.size() != files.size()) {
            throw new ProtocolException("%d adapters have %d files".formatted(names.size(), files.size()));
        }
        for (int i = 0; i < names.size(); i++) {
            options.adapter(names.get(i), Path.of(files.get(i)));
        }
        @Nullable String draftModel = in.getNullableString("draftModel", Wire.MAX_TEXT);
        if (draftModel != null) {
            options.draftModel(Path.of(draftModel));
        }
        options.aging(Wire.getDuration(in, "aging"));
        if (in.getBoolean("targetInterTokenLatency")) {
            options.targetInterTokenLatency(Duration.ofNanos(in.getLong("targetInterTokenLatency")));
        }
        options.sessionMemory(in.getLong("sessionMemory"));
        @Nullable String folder = in.getNullableString("sessionFolder", Wire.MAX_TEXT);
        if (folder != null) {
            options.sessionFolder(Path.of(folder));
        }
        ContextOptions.builder(); // registers the codec
        options.context(OptionCodecs.<ContextOptions, Consumer<ContextOptions.Builder>>of(ContextOptions.class)
                .read(in));
        return options.build();
    }
}
