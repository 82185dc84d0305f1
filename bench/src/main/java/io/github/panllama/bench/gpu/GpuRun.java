package io.github.panllama.bench.gpu;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a setting.
 *
 * @param engine what the engine gave; {@code null} where it was not measured
 * @param peer what llama-batched-bench gave, in the best of the ways in which it was tried; {@code null} where it was not
 *     measured
 * @param fault why something of the engine was not measured; {@code null} where all was
 * @param peerFault the same of llama-batched-bench
 */
record GpuRun(
        GpuSetting setting,
        @Nullable Figures engine,
        @Nullable Figures peer,
        @Nullable String fault,
        @Nullable String peerFault) {
    private static final String DECODE = "decode_tokens_per_second";
    private static final String ALL = "total_tokens_per_second";
    private static final String NO_TIME = "no time was left";

    /** Nothing yet. */
    static GpuRun of(GpuSetting setting) {
        return new GpuRun(setting, null, null, null, null);
    }

    /** With what the engine gave; where that is nothing, what it gave before stays. */
    GpuRun withEngine(@Nullable Figures figures, @Nullable String newFault) {
        return new GpuRun(setting, figures == null ? engine : figures, peer, newFault, peerFault);
    }

    /** With what the peer gave, unless it gave more before. */
    GpuRun withPeer(Figures figures) {
        boolean better = peer == null || figures.number(DECODE) > peer.number(DECODE);
        return new GpuRun(setting, engine, better ? figures : peer, fault, null);
    }

    GpuRun withPeerFault(String newFault) {
        return new GpuRun(setting, engine, peer, fault, peer == null ? newFault : null);
    }

    /** Whether the engine is still to be measured. */
    boolean lacksEngine() {
        return engine == null || Double.isNaN(engine.number(ALL));
    }

    /** Whether the peer is still to be measured, if there is one. */
    boolean lacksPeer() {
        return peer == null && setting.hasPeer();
    }

    /** At the end of all: that there was no time for the engine, where nothing else is known. */
    GpuRun ended() {
        return lacksEngine() && fault == null ? withEngine(engine, NO_TIME) : this;
    }

    /** The engine's decode against that of the peer; NaN where one is missing. */
    double decodeRatio() {
        return engineNumber(DECODE) / (peer == null ? Double.NaN : peer.number(DECODE));
    }

    /** A figure of the engine; NaN where it was not measured. */
    double engineNumber(String... path) {
        return engine == null ? Double.NaN : engine.number(path);
    }

    double decode() {
        return engineNumber(DECODE);
    }

    double total() {
        return engineNumber(ALL);
    }

    /** Bytes that decode read in a second at least; NaN where it was not measured. */
    double bytesPerSecond() {
        return decode() / setting.parallel() / setting.copies() * engineNumber("step_bytes");
    }

    /** That, of what the memory gives; as it was told where this is from an earlier run. */
    double memoryShare(GpuMachine machine) {
        double told = engineNumber("memory_speed_share");
        return Double.isNaN(told) ? bytesPerSecond() / machine.bytesPerSecond().orElse(Double.NaN) : told;
    }

    /** As an object of {@code bench.json}; docs/gpu/bundle.md lists its fields. */
    Map<String, @Nullable Object> fields(GpuMachine machine) {
        Map<String, @Nullable Object> object = setting.fields();
        object.put("engine", engine == null ? null : engine(engine, machine));
        object.put("llama_batched_bench", peer == null ? null : peer.fields());
        object.put("decode_ratio", rounded(decodeRatio()));
        object.put("fault", fault);
        object.put("peer_fault", peerFault);
        return object;
    }

    private Map<String, @Nullable Object> engine(Figures figures, GpuMachine machine) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>(figures.fields());
        object.put("read_gb_per_second", rounded(bytesPerSecond() / 1e9));
        object.put("memory_speed_share", rounded(memoryShare(machine)));
        return object;
    }

    /** From such an object. Faults are left behind: what they are about is measured again. */
    static GpuRun of(Map<String, @Nullable Object> object) {
        return new GpuRun(
                GpuSetting.of(object),
                Figures.in(object, "engine"),
                Figures.in(object, "llama_batched_bench"),
                null,
                null);
    }

    /** To four digits after the point; nothing where it was not measured. */
    static @Nullable Double rounded(double value) {
        return Double.isFinite(value) ? (Double) (Math.round(value * 1e4) / 1e4) : null;
    }
}
