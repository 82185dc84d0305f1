package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.TokenLogprob;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** How a generation's chunks and its end are written. The end brings what is not in the chunks. */
final class ChunkCodec {
    private static final int NO_TOKEN = -1;
    private static final int MAX_CHUNK = 1 << 24;

    private ChunkCodec() {}

    static void write(GenerationChunk chunk, FrameWriter out) {
        out.putString(chunk.text());
        out.putInt(chunk.token().orElse(NO_TOKEN));
        out.putBoolean(chunk.logprob().isPresent());
        if (chunk.logprob().isPresent()) {
            TokenLogprob logprob = chunk.logprob().get();
            out.putInt(logprob.token());
            out.putDouble(logprob.logprob());
            out.putInt(logprob.alternatives().size());
            for (TokenLogprob.Alternative alternative : logprob.alternatives()) {
                out.putInt(alternative.token());
                out.putDouble(alternative.logprob());
            }
        }
    }

    static GenerationChunk read(FrameReader in) throws ProtocolException {
        String text = in.getString("text", MAX_CHUNK);
        int token = in.getInt("token", NO_TOKEN, Integer.MAX_VALUE);
        Optional<TokenLogprob> logprob = in.getBoolean("logprob") ? Optional.of(logprob(in)) : Optional.empty();
        return new GenerationChunk(text, token == NO_TOKEN ? OptionalInt.empty() : OptionalInt.of(token), logprob);
    }

    private static TokenLogprob logprob(FrameReader in) throws ProtocolException {
        int token = in.getInt("token of logprob", 0, Integer.MAX_VALUE);
        double logprob = in.getDouble("logprob");
        List<TokenLogprob.Alternative> alternatives = new ArrayList<>();
        for (int i = in.getInt("alternatives", 0, CompletionRequest.MAX_LOGPROBS); i > 0; i--) {
            alternatives.add(new TokenLogprob.Alternative(
                    in.getInt("alternative", 0, Integer.MAX_VALUE), in.getDouble("logprob of alternative")));
        }
        return new TokenLogprob(token, logprob, alternatives);
    }

    /** What an end says beside the chunks that came before it. */
    record End(FinishReason reason, @Nullable String stopText, Usage usage, Timings timings) {}

    static void write(CompletionResult result, FrameWriter out) {
        NullableFields.putConstant(out, result.finishReason());
        out.putNullableString(result.stopText().orElse(null));
        Usage usage = result.usage();
        out.putInt(usage.promptTokens()).putInt(usage.cachedTokens()).putInt(usage.generatedTokens());
        out.putInt(usage.draftedTokens()).putInt(usage.acceptedTokens());
        Timings timings = result.timings();
        Wire.putDuration(out, timings.queued());
        Wire.putDuration(out, timings.timeToFirstToken());
        Wire.putDuration(out, timings.duration());
        out.putInt(timings.interToken().size());
        timings.interToken().forEach(gap -> Wire.putDuration(out, gap));
    }

    static End readEnd(FrameReader in) throws ProtocolException {
        FinishReason reason = NullableFields.required(in, "finishReason", FinishReason.class);
        @Nullable String stopText = in.getNullableString("stopText", Wire.MAX_TEXT);
        Usage usage = new Usage(
                in.getInt("promptTokens"),
                in.getInt("cachedTokens"),
                in.getInt("generatedTokens"),
                in.getInt("draftedTokens"),
                in.getInt("acceptedTokens"));
        Duration queued = Wire.getDuration(in, "queued");
        Duration first = Wire.getDuration(in, "timeToFirstToken");
        Duration whole = Wire.getDuration(in, "duration");
        int count = in.getInt("gaps", 0, Wire.MAX_LIST);
        List<Duration> gaps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            gaps.add(Wire.getDuration(in, "gap"));
        }
        return new End(reason, stopText, usage, new Timings(queued, first, gaps, whole));
    }
}
