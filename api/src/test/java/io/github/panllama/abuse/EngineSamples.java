package io.github.panllama.abuse;

import io.github.panllama.FinishReason;
import io.github.panllama.FlashAttention;
import io.github.panllama.QuantizationType;
import io.github.panllama.TokenLogprob;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.EngineTuning;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.GenerationChunk;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.PresetModel;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import io.github.panllama.synthetic.SyntheticPreset;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** The {@link Samples} of the packages {@code engine} and {@code synthetic}. */
final class EngineSamples {
    private EngineSamples() {}

    /** A small engine, of which nothing is measured. */
    static EngineOptions.Builder options() {
        return EngineOptions.builder()
                .sequences(2)
                .contextSize(256)
                .context(context -> context.threads(1)
                        .flashAttention(FlashAttention.DISABLED)
                        .unifiedKvCache(true));
    }

    static CompletionRequest.Builder request() {
        return CompletionRequest.builder("text").maxTokens(4);
    }

    static void register(Map<String, Samples.Maker> makers) {
        requests(makers);
        figures(makers);
        synthetic(makers);
    }

    private static void requests(Map<String, Samples.Maker> makers) {
        Samples.put(makers, EngineOptions.class, samples -> options().build());
        Samples.put(makers, EngineOptions.Builder.class, samples -> options());
        Samples.put(makers, CompletionRequest.class, samples -> request().build());
        Samples.put(makers, CompletionRequest.Builder.class, samples -> request());
        Samples.put(makers, Speculation.class, samples -> Speculation.ngram());
        Samples.put(
                makers,
                Generation.class,
                samples -> ((LlamaEngine) samples.value(LlamaEngine.class))
                        .generate(request().build()));
        Samples.put(makers, String[].class, samples -> new String[] {"text"});
        makers.put("java.util.List<io.github.panllama.LlamaModel>", samples -> List.of(samples.model()));
        makers.put("java.util.function.Consumer<? super io.github.panllama.engine.GenerationChunk>", samples ->
                (Consumer<GenerationChunk>) chunk -> {});
        Samples.put(makers, IntPredicate.class, samples -> (IntPredicate) token -> true);
    }

    private static void figures(Map<String, Samples.Maker> makers) {
        Usage usage = new Usage(1, 0, 1, 0, 0);
        Timings timings = new Timings(Duration.ZERO, Duration.ZERO, List.of(), Duration.ZERO);
        TokenLogprob logprob = new TokenLogprob(1, -1, List.of());
        EngineStats.Percentiles percentiles = new EngineStats.Percentiles(Duration.ZERO, Duration.ZERO, Duration.ZERO);
        EngineTuning.Trial trial = new EngineTuning.Trial(1, false, true, 1, 1);
        EngineTuning tuning = new EngineTuning(1, 1, false, true, EngineTuning.Source.GIVEN, List.of(trial));
        Samples.put(makers, TokenLogprob.class, samples -> logprob);
        Samples.put(makers, TokenLogprob.Alternative.class, samples -> new TokenLogprob.Alternative(1, -1));
        Samples.put(makers, GenerationChunk.class, samples -> chunk());
        Samples.put(
                makers,
                CompletionResult.class,
                samples -> new CompletionResult(
                        "", List.of(), List.of(), FinishReason.STOP, Optional.empty(), usage, timings));
        Samples.put(makers, EngineStats.Percentiles.class, samples -> percentiles);
        Samples.put(makers, EngineStats.Sessions.class, samples -> new EngineStats.Sessions(0, 0, 0, 0));
        Samples.put(makers, EngineStats.class, samples -> ((LlamaEngine) samples.value(LlamaEngine.class)).stats());
        Samples.put(makers, EngineTuning.class, samples -> tuning);
        Samples.put(makers, EngineTuning.Trial.class, samples -> trial);
        makers.put("java.util.List<io.github.panllama.TokenLogprob>", samples -> List.of(logprob));
        makers.put(
                "java.util.List<io.github.panllama.TokenLogprob$Alternative>",
                samples -> List.of(new TokenLogprob.Alternative(1, -1)));
        makers.put("java.util.Optional<io.github.panllama.TokenLogprob>", samples -> Optional.of(logprob));
        makers.put("java.util.List<java.time.Duration>", samples -> List.of(Duration.ZERO));
        makers.put("java.util.List<io.github.panllama.engine.EngineTuning$Trial>", samples -> List.of(trial));
        makers.put("java.util.List<io.github.panllama.engine.EngineStats$Replica>", samples -> List.of());
    }

    private static GenerationChunk chunk() {
        return new GenerationChunk("text", OptionalInt.of(1), Optional.empty());
    }

    private static void synthetic(Map<String, Samples.Maker> makers) {
        Samples.put(
                makers,
                SyntheticModel.class,
                samples -> SyntheticModel.builder(Architecture.LLAMA).build());
        Samples.put(makers, SyntheticModelBuilder.class, samples -> SyntheticModel.builder(Architecture.LLAMA));
        Samples.put(makers, SyntheticVocabulary.class, samples -> SyntheticVocabulary.ofSize(512));
        Samples.put(
                makers,
                PresetModel.class,
                samples -> SyntheticPreset.DEEPSEEK_V2_LITE
                        .model(QuantizationType.Q2_K)
                        .withLayers(1)
                        .withProgress(fraction -> fraction == 0)); // it is some hundred MB
    }
}
