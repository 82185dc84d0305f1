package io.github.panllama.engine;

import io.github.panllama.SamplingOptions;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a request is written for another process. What its builder checks is checked there again. */
final class RequestCodec {
    private RequestCodec() {}

    /**
     * Refuses what cannot leave this process.
     *
     * @throws UnsupportedOperationException if the request has an adapter or a draft model of this process
     */
    static void check(CompletionRequest request) {
        if (!request.adapters.isEmpty()) {
            throw new UnsupportedOperationException("An isolated engine cannot use the adapter %s, which is in this"
                            .formatted(
                                    request.adapters.keySet().iterator().next().file())
                    + " process: name it in adapter() of EngineOptions, and in adapter() of the request");
        }
        if (request.speculation != null && request.speculation.draftModel != null) {
            throw new UnsupportedOperationException("An isolated engine cannot use the draft model %s, which is in this"
                            .formatted(request.speculation.draftModel)
                    + " process: name its file in draftModel() of EngineOptions, and use Speculation.draftModel()");
        }
    }

    /**
     * Writes a request.
     *
     * @param timeout what is left of its own; {@code null} where it has none
     */
    static void write(CompletionRequest request, @Nullable Duration timeout, FrameWriter out) {
        out.putBoolean(request.prompt != null);
        if (request.prompt != null) {
            out.putString(Wire.clean(request.prompt));
        } else {
            out.putInts(request.promptTokens);
        }
        out.putInt(request.maxTokens);
        StageCodec.write(request.sampling.stages(), out);
        out.putStrings(request.stopTexts);
        out.putInts(request.stopTokens.stream().mapToInt(Integer::intValue).toArray());
        out.putInt(request.logprobs.orElse(-1));
        List<Map.Entry<String, Float>> adapters = List.copyOf(request.namedAdapters.entrySet());
        out.putStrings(adapters.stream().map(Map.Entry::getKey).toList());
        adapters.forEach(adapter -> out.putFloat(adapter.getValue()));
        out.putBoolean(request.ignoreEndOfGeneration);
        out.putInt(request.priority);
        Wire.putDuration(out, timeout == null ? Duration.ZERO : timeout);
        NullableFields.putConstant(out, request.contextFull);
        out.putInt(request.keepTokens);
        write(request.speculation, out);
    }

    private static void write(@Nullable Speculation speculation, FrameWriter out) {
        out.putBoolean(speculation != null);
        if (speculation != null) {
            NullableFields.putConstant(out, speculation.kind);
            out.putInt(speculation.match);
            out.putInt(speculation.mostTokens);
            out.putFloat(speculation.leastProbability);
        }
    }

    /**
     * Reads a request.
     *
     * @throws ProtocolException if it is none
     * @throws IllegalArgumentException if a builder refuses it
     */
    static CompletionRequest read(FrameReader in) throws ProtocolException {
        CompletionRequest.Builder request = in.getBoolean("prompt is text")
                ? CompletionRequest.builder(Wire.getText(in, "prompt"))
                : CompletionRequest.builder(in.getInts("prompt", Wire.MAX_LIST));
        request.maxTokens(in.getInt("maxTokens"));
        request.sampling(SamplingOptions.of(StageCodec.read(in)));
        List<String> stops = Wire.getStrings(in, "stopTexts");
        request.stop(stops.toArray(String[]::new));
        request.stopTokens(in.getInts("stopTokens", Wire.MAX_LIST));
        int logprobs = in.getInt("logprobs");
        if (logprobs >= 0) {
            request.logprobs(logprobs);
        }
        for (String adapter : Wire.getStrings(in, "adapters")) {
            request.adapter(adapter, in.getFloat("scale"));
        }
        request.ignoreEndOfGeneration(in.getBoolean("ignoreEndOfGeneration"));
        request.priority(in.getInt("priority"));
        long timeout = in.getLong("timeout");
        if (timeout != 0) {
            request.timeout(Duration.ofNanos(timeout));
        }
        request.contextFull(NullableFields.required(in, "contextFull", ContextFullPolicy.class));
        request.keepTokens(in.getInt("keepTokens"));
        if (in.getBoolean("speculation")) {
            request.speculation(speculation(in));
        }
        return request.build();
    }

    private static Speculation speculation(FrameReader in) throws ProtocolException {
        Speculation.Kind kind = NullableFields.required(in, "kind of speculation", Speculation.Kind.class);
        int match = in.getInt("match");
        int mostTokens = in.getInt("mostTokens");
        float leastProbability = in.getFloat("leastProbability");
        return switch (kind) {
            case NGRAM -> Speculation.ngram(match, mostTokens);
            case MULTI_TOKEN -> Speculation.multiToken(mostTokens);
            case DRAFT_MODEL -> Speculation.draftModel(mostTokens, leastProbability);
        };
    }
}
