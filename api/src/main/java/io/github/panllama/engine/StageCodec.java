package io.github.panllama.engine;

import io.github.panllama.SamplerStage;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the stages of sampling are written for another process. What a stage checks is checked there again. */
final class StageCodec {
    private static final int MAX_STAGES = 1024;

    private StageCodec() {}

    /** The kinds of stages. Their order is part of the protocol. */
    private enum Kind {
        GREEDY,
        DISTRIBUTION,
        TOP_K,
        TOP_P,
        MIN_P,
        TYPICAL,
        TOP_N_SIGMA,
        TEMPERATURE,
        DYNAMIC_TEMPERATURE,
        XTC,
        MIROSTAT,
        MIROSTAT_V2,
        ADAPTIVE_P,
        PENALTIES,
        DRY,
        LOGIT_BIAS,
        INFILL,
        GRAMMAR,
        LAZY_GRAMMAR,
        REPLY_GRAMMAR,
        REASONING_BUDGET
    }

    static void write(List<SamplerStage> stages, FrameWriter out) {
        out.putInt(stages.size());
        stages.forEach(stage -> write(stage, out));
    }

    private static FrameWriter kind(FrameWriter out, Kind kind) {
        NullableFields.putConstant(out, kind);
        return out;
    }

    private static void write(SamplerStage stage, FrameWriter out) {
        switch (stage) {
            case SamplerStage.Greedy() -> kind(out, Kind.GREEDY);
            case SamplerStage.Distribution(int seed) ->
                kind(out, Kind.DISTRIBUTION).putInt(seed);
            case SamplerStage.TopK(int k) -> kind(out, Kind.TOP_K).putInt(k);
            case SamplerStage.TopP(float p, int keep) ->
                kind(out, Kind.TOP_P).putFloat(p).putInt(keep);
            case SamplerStage.MinP(float p, int keep) ->
                kind(out, Kind.MIN_P).putFloat(p).putInt(keep);
            case SamplerStage.Typical(float p, int keep) ->
                kind(out, Kind.TYPICAL).putFloat(p).putInt(keep);
            case SamplerStage.TopNSigma(float n) -> kind(out, Kind.TOP_N_SIGMA).putFloat(n);
            case SamplerStage.Temperature(float t) ->
                kind(out, Kind.TEMPERATURE).putFloat(t);
            case SamplerStage.DynamicTemperature(float t, float range, float exponent) ->
                kind(out, Kind.DYNAMIC_TEMPERATURE).putFloat(t).putFloat(range).putFloat(exponent);
            case SamplerStage.Xtc(float p, float threshold, int keep, int seed) ->
                kind(out, Kind.XTC).putFloat(p).putFloat(threshold).putInt(keep).putInt(seed);
            case SamplerStage.Mirostat(int seed, float tau, float eta, int m) ->
                kind(out, Kind.MIROSTAT)
                        .putInt(seed)
                        .putFloat(tau)
                        .putFloat(eta)
                        .putInt(m);
            case SamplerStage.MirostatV2(int seed, float tau, float eta) ->
                kind(out, Kind.MIROSTAT_V2).putInt(seed).putFloat(tau).putFloat(eta);
            case SamplerStage.AdaptiveP(float target, float decay, int seed) ->
                kind(out, Kind.ADAPTIVE_P).putFloat(target).putFloat(decay).putInt(seed);
            case SamplerStage.Penalties(int back, float repeat, float frequency, float presence) ->
                kind(out, Kind.PENALTIES)
                        .putInt(back)
                        .putFloat(repeat)
                        .putFloat(frequency)
                        .putFloat(presence);
            case SamplerStage.Infill() -> kind(out, Kind.INFILL);
            case SamplerStage.LogitBias(Map<Integer, Float> biases) -> writeBiases(biases, out);
            case SamplerStage.Dry dry -> writeDry(dry, out);
            case SamplerStage.Grammar(String text, String root) ->
                kind(out, Kind.GRAMMAR).putString(text).putString(root);
            case SamplerStage.LazyGrammar lazy -> writeLazy(lazy, out);
            case SamplerStage.ReplyGrammar reply -> writeReply(reply, out);
            case SamplerStage.ReasoningBudget budget -> writeBudget(budget, out);
        }
    }

    private static void writeBiases(Map<Integer, Float> biases, FrameWriter out) {
        kind(out, Kind.LOGIT_BIAS).putInt(biases.size());
        biases.forEach((token, bias) -> out.putInt(token).putFloat(bias));
    }

    private static void writeDry(SamplerStage.Dry dry, FrameWriter out) {
        kind(out, Kind.DRY)
                .putFloat(dry.multiplier())
                .putFloat(dry.base())
                .putInt(dry.allowedLength())
                .putInt(dry.lookBack())
                .putStrings(dry.breakers());
    }

    private static void writeLazy(SamplerStage.LazyGrammar lazy, FrameWriter out) {
        kind(out, Kind.LAZY_GRAMMAR)
                .putString(lazy.text())
                .putString(lazy.root())
                .putStrings(lazy.triggerPatterns());
        Wire.putTokens(out, lazy.triggerTokens());
    }

    private static void writeReply(SamplerStage.ReplyGrammar reply, FrameWriter out) {
        kind(out, Kind.REPLY_GRAMMAR);
        write(reply.rules(), out);
        out.putBoolean(reply.seesReasoning())
                .putString(Wire.clean(reply.promptEnd()))
                .putString(reply.reasoningBegin())
                .putStrings(reply.reasoningEnds());
    }

    private static void writeBudget(SamplerStage.ReasoningBudget budget, FrameWriter out) {
        kind(out, Kind.REASONING_BUDGET)
                .putInt(budget.tokens())
                .putString(budget.begin())
                .putStrings(budget.ends())
                .putString(Wire.clean(budget.message()))
                .putString(Wire.clean(budget.promptEnd()));
    }

    static List<SamplerStage> read(FrameReader in) throws ProtocolException {
        List<SamplerStage> stages = new ArrayList<>();
        for (int i = in.getInt("stages", 1, MAX_STAGES); i > 0; i--) {
            stages.add(stage(in));
        }
        return stages;
    }

    private static SamplerStage stage(FrameReader in) throws ProtocolException {
        return switch (NullableFields.required(in, "kind of stage", Kind.class)) {
            case GREEDY -> new SamplerStage.Greedy();
            case DISTRIBUTION -> new SamplerStage.Distribution(in.getInt("seed"));
            case TOP_K -> new SamplerStage.TopK(in.getInt("k"));
            case TOP_P -> new SamplerStage.TopP(in.getFloat("p"), in.getInt("minKeep"));
            case MIN_P -> new SamplerStage.MinP(in.getFloat("p"), in.getInt("minKeep"));
            case TYPICAL -> new SamplerStage.Typical(in.getFloat("p"), in.getInt("minKeep"));
            case TOP_N_SIGMA -> new SamplerStage.TopNSigma(in.getFloat("n"));
            case TEMPERATURE -> new SamplerStage.Temperature(in.getFloat("temperature"));
            case DYNAMIC_TEMPERATURE ->
                new SamplerStage.DynamicTemperature(
                        in.getFloat("temperature"), in.getFloat("range"), in.getFloat("exponent"));
            case XTC ->
                new SamplerStage.Xtc(
                        in.getFloat("probability"), in.getFloat("threshold"), in.getInt("minKeep"), in.getInt("seed"));
            case MIROSTAT ->
                new SamplerStage.Mirostat(in.getInt("seed"), in.getFloat("tau"), in.getFloat("eta"), in.getInt("m"));
            case MIROSTAT_V2 -> new SamplerStage.MirostatV2(in.getInt("seed"), in.getFloat("tau"), in.getFloat("eta"));
            case ADAPTIVE_P ->
                new SamplerStage.AdaptiveP(in.getFloat("target"), in.getFloat("decay"), in.getInt("seed"));
            case PENALTIES ->
                new SamplerStage.Penalties(
                        in.getInt("lookBack"),
                        in.getFloat("repeat"),
                        in.getFloat("frequency"),
                        in.getFloat("presence"));
            case DRY ->
                new SamplerStage.Dry(
                        in.getFloat("multiplier"),
                        in.getFloat("base"),
                        in.getInt("allowedLength"),
                        in.getInt("lookBack"),
                        Wire.getStrings(in, "breakers"));
            case LOGIT_BIAS -> biases(in);
            case INFILL -> new SamplerStage.Infill();
            case GRAMMAR -> new SamplerStage.Grammar(Wire.getText(in, "grammar"), Wire.getText(in, "root"));
            case LAZY_GRAMMAR ->
                new SamplerStage.LazyGrammar(
                        Wire.getText(in, "grammar"),
                        Wire.getText(in, "root"),
                        Wire.getStrings(in, "triggerPatterns"),
                        Wire.getTokens(in, "triggerTokens"));
            case REPLY_GRAMMAR ->
                new SamplerStage.ReplyGrammar(
                        rules(in),
                        in.getBoolean("seesReasoning"),
                        Wire.getText(in, "promptEnd"),
                        Wire.getText(in, "reasoningBegin"),
                        Wire.getStrings(in, "reasoningEnds"));
            case REASONING_BUDGET ->
                new SamplerStage.ReasoningBudget(
                        in.getInt("tokens"),
                        Wire.getText(in, "begin"),
                        Wire.getStrings(in, "ends"),
                        Wire.getText(in, "message"),
                        Wire.getText(in, "promptEnd"));
        };
    }

    /** The rules of a reply are a stage of their own, and cannot have another reply in them. */
    private static SamplerStage rules(FrameReader in) throws ProtocolException {
        Kind kind = NullableFields.required(in, "kind of rules", Kind.class);
        if (kind != Kind.GRAMMAR && kind != Kind.LAZY_GRAMMAR) {
            throw new ProtocolException("The rules of a reply are of kind %s, must be a grammar".formatted(kind));
        }
        String text = Wire.getText(in, "grammar");
        String root = Wire.getText(in, "root");
        if (kind == Kind.GRAMMAR) {
            return new SamplerStage.Grammar(text, root);
        }
        return new SamplerStage.LazyGrammar(
                text, root, Wire.getStrings(in, "triggerPatterns"), Wire.getTokens(in, "triggerTokens"));
    }

    private static SamplerStage biases(FrameReader in) throws ProtocolException {
        Map<Integer, Float> biases = new LinkedHashMap<>();
        for (int i = in.getInt("biases", 0, Wire.MAX_LIST); i > 0; i--) {
            biases.put(in.getInt("token"), in.getFloat("bias"));
        }
        return new SamplerStage.LogitBias(biases);
    }
}
