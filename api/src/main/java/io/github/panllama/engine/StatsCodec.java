package io.github.panllama.engine;

import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How an engine's statistics and its model's description are written. */
final class StatsCodec {
    private static final int MAX_TRIALS = 10_000;
    private static final int MAX_FILES = 10_000;

    private StatsCodec() {}

    static void write(EngineStats stats, FrameWriter out) {
        out.putInt(stats.active()).putInt(stats.queued()).putInt(stats.sequences());
        out.putInt(stats.cells()).putInt(stats.usedCells());
        out.putLong(stats.steps()).putLong(stats.completed());
        out.putLong(stats.promptTokens()).putLong(stats.cachedTokens()).putLong(stats.generatedTokens());
        out.putLong(stats.deviceSampled()).putLong(stats.hostSampled());
        out.putLong(stats.draftedTokens()).putLong(stats.acceptedTokens());
        out.putDouble(stats.tokensPerSecond());
        write(stats.timeToFirstToken(), out);
        write(stats.interTokenLatency(), out);
        out.putLong(stats.preemptions());
        EngineStats.Sessions sessions = stats.sessions();
        out.putInt(sessions.open())
                .putInt(sessions.inMemory())
                .putInt(sessions.onDisk())
                .putLong(sessions.bytes());
        write(stats.tuning(), out);
        out.putInt(stats.replicas().size());
        stats.replicas().forEach(replica -> write(replica, out));
    }

    private static void write(EngineStats.Percentiles percentiles, FrameWriter out) {
        Wire.putDuration(out, percentiles.p50());
        Wire.putDuration(out, percentiles.p95());
        Wire.putDuration(out, percentiles.p99());
    }

    private static void write(EngineTuning tuning, FrameWriter out) {
        out.putInt(tuning.threads()).putInt(tuning.batchThreads());
        out.putBoolean(tuning.flashAttention()).putBoolean(tuning.unifiedKvCache());
        NullableFields.putConstant(out, tuning.source());
        out.putInt(tuning.trials().size());
        for (EngineTuning.Trial trial : tuning.trials()) {
            out.putInt(trial.threads());
            out.putBoolean(trial.flashAttention()).putBoolean(trial.unifiedKvCache());
            out.putInt(trial.sequences());
            out.putDouble(trial.microseconds());
        }
    }

    private static void write(EngineStats.Replica replica, FrameWriter out) {
        out.putInt(replica.active()).putInt(replica.queued()).putLong(replica.outstandingTokens());
        out.putInt(replica.sequences()).putInt(replica.cells()).putInt(replica.usedCells());
        out.putLong(replica.steps()).putLong(replica.completed());
        out.putLong(replica.promptTokens()).putLong(replica.cachedTokens()).putLong(replica.generatedTokens());
        out.putDouble(replica.tokensPerSecond());
    }

    static EngineStats readStats(FrameReader in) throws ProtocolException {
        return new EngineStats(
                in.getInt("active"),
                in.getInt("queued"),
                in.getInt("sequences"),
                in.getInt("cells"),
                in.getInt("usedCells"),
                in.getLong("steps"),
                in.getLong("completed"),
                in.getLong("promptTokens"),
                in.getLong("cachedTokens"),
                in.getLong("generatedTokens"),
                in.getLong("deviceSampled"),
                in.getLong("hostSampled"),
                in.getLong("draftedTokens"),
                in.getLong("acceptedTokens"),
                in.getDouble("tokensPerSecond"),
                percentiles(in),
                percentiles(in),
                in.getLong("preemptions"),
                new EngineStats.Sessions(
                        in.getInt("open"), in.getInt("inMemory"), in.getInt("onDisk"), in.getLong("bytes")),
                tuning(in),
                replicas(in));
    }

    private static EngineStats.Percentiles percentiles(FrameReader in) throws ProtocolException {
        return new EngineStats.Percentiles(
                Wire.getDuration(in, "p50"), Wire.getDuration(in, "p95"), Wire.getDuration(in, "p99"));
    }

    private static EngineTuning tuning(FrameReader in) throws ProtocolException {
        int threads = in.getInt("threads");
        int batchThreads = in.getInt("batchThreads");
        boolean flashAttention = in.getBoolean("flashAttention");
        boolean unified = in.getBoolean("unifiedKvCache");
        EngineTuning.Source source = NullableFields.required(in, "source", EngineTuning.Source.class);
        List<EngineTuning.Trial> trials = new ArrayList<>();
        for (int i = in.getInt("trials", 0, MAX_TRIALS); i > 0; i--) {
            trials.add(new EngineTuning.Trial(
                    in.getInt("threads"),
                    in.getBoolean("flashAttention"),
                    in.getBoolean("unifiedKvCache"),
                    in.getInt("sequences"),
                    in.getDouble("microseconds")));
        }
        return new EngineTuning(threads, batchThreads, flashAttention, unified, source, trials);
    }

    private static List<EngineStats.Replica> replicas(FrameReader in) throws ProtocolException {
        List<EngineStats.Replica> replicas = new ArrayList<>();
        for (int i = in.getInt("replicas", 0, Wire.MAX_LIST); i > 0; i--) {
            replicas.add(new EngineStats.Replica(
                    in.getInt("active"),
                    in.getInt("queued"),
                    in.getLong("outstandingTokens"),
                    in.getInt("sequences"),
                    in.getInt("cells"),
                    in.getInt("usedCells"),
                    in.getLong("steps"),
                    in.getLong("completed"),
                    in.getLong("promptTokens"),
                    in.getLong("cachedTokens"),
                    in.getLong("generatedTokens"),
                    in.getDouble("tokensPerSecond")));
        }
        return replicas;
    }

    static void write(EngineModel model, FrameWriter out) {
        out.putStrings(model.files().stream().map(Path::toString).toList());
        out.putString(Wire.clean(model.architecture()));
        out.putString(Wire.clean(model.description()));
        out.putString(Wire.clean(model.fileType()));
        out.putLong(model.parameterCount()).putLong(model.sizeInBytes());
        out.putInt(model.vocabularySize()).putInt(model.trainingContextSize());
        out.putString(model.fingerprint());
    }

    static EngineModel readModel(FrameReader in) throws ProtocolException {
        return new EngineModel(
                in.getStrings("files", MAX_FILES, Wire.MAX_TEXT).stream()
                        .map(Path::of)
                        .toList(),
                Wire.getText(in, "architecture"),
                Wire.getText(in, "description"),
                Wire.getText(in, "fileType"),
                in.getLong("parameterCount"),
                in.getLong("sizeInBytes"),
                in.getInt("vocabularySize", 0, Integer.MAX_VALUE),
                in.getInt("trainingContextSize"),
                Wire.getText(in, "fingerprint"));
    }
}
