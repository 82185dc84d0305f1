package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_logit_bias;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/** Makes native chains of {@link SamplerStage}s. */
final class SamplerFactory {
    private final LlamaModel model;
    private final MemorySegment vocabulary;
    private final int vocabularySize;
    private final Arena arena;
    private final MemorySegment out;

    private SamplerFactory(LlamaModel model, Arena arena) {
        this.model = model;
        this.vocabulary = LlamaC.llama_model_get_vocab(model.handle().pointer());
        this.vocabularySize = model.figures().vocabularySize();
        this.arena = arena;
        this.out = arena.allocate(ADDRESS);
    }

    /** The chain; freed again when one of its stages cannot be made. */
    static MemorySegment chain(LlamaModel model, List<SamplerStage> stages) {
        try (Arena arena = Arena.ofConfined()) {
            SamplerFactory factory = new SamplerFactory(model, arena);
            Natives.check(LlamaC.panllama_sampler_chain(true, factory.out), "Making a sampler");
            MemorySegment chain = factory.out.get(ADDRESS, 0);
            try {
                for (SamplerStage stage : stages) {
                    factory.add(chain, stage);
                }
                return chain;
            } catch (RuntimeException | Error e) {
                LlamaC.panllama_sampler_free(chain);
                throw e;
            }
        }
    }

    private void add(MemorySegment chain, SamplerStage stage) {
        int status = create(stage);
        if (status != LlamaC.PANLLAMA_OK()) {
            String reason = Natives.lastError();
            throw isGrammar(stage)
                    ? new IllegalArgumentException("The grammar is not valid: " + reason)
                    : new LlamaException("Cannot make the sampler stage " + stage + ": " + reason);
        }
        MemorySegment sampler = out.get(ADDRESS, 0);
        if (LlamaC.panllama_sampler_chain_add(chain, sampler) != LlamaC.PANLLAMA_OK()) {
            String reason = Natives.lastError();
            LlamaC.panllama_sampler_free(sampler);
            throw new LlamaException("Cannot add the sampler stage " + stage + ": " + reason);
        }
    }

    private static boolean isGrammar(SamplerStage stage) {
        return stage instanceof SamplerStage.Grammar
                || stage instanceof SamplerStage.LazyGrammar
                || stage instanceof SamplerStage.ReplyGrammar;
    }

    private int create(SamplerStage stage) {
        checkVocabulary(stage);
        return switch (stage) {
            case SamplerStage.Greedy() -> LlamaC.panllama_sampler_greedy(out);
            case SamplerStage.Distribution(int seed) -> LlamaC.panllama_sampler_dist(seed, out);
            case SamplerStage.TopK(int k) -> LlamaC.panllama_sampler_top_k(k, out);
            case SamplerStage.TopP(float p, int minKeep) -> LlamaC.panllama_sampler_top_p(p, minKeep, out);
            case SamplerStage.MinP(float p, int minKeep) -> LlamaC.panllama_sampler_min_p(p, minKeep, out);
            case SamplerStage.Typical(float p, int minKeep) -> LlamaC.panllama_sampler_typical(p, minKeep, out);
            case SamplerStage.TopNSigma(float n) -> LlamaC.panllama_sampler_top_n_sigma(n, out);
            case SamplerStage.Temperature(float temperature) -> LlamaC.panllama_sampler_temperature(temperature, out);
            case SamplerStage.DynamicTemperature(float temperature, float range, float exponent) ->
                LlamaC.panllama_sampler_dynamic_temperature(temperature, range, exponent, out);
            case SamplerStage.Xtc(float probability, float threshold, int minKeep, int seed) ->
                LlamaC.panllama_sampler_xtc(probability, threshold, minKeep, seed, out);
            case SamplerStage.Mirostat(int seed, float tau, float eta, int m) ->
                LlamaC.panllama_sampler_mirostat(vocabularySize, seed, tau, eta, m, out);
            case SamplerStage.MirostatV2(int seed, float tau, float eta) ->
                LlamaC.panllama_sampler_mirostat_v2(seed, tau, eta, out);
            case SamplerStage.AdaptiveP(float target, float decay, int seed) ->
                LlamaC.panllama_sampler_adaptive_p(target, decay, seed, out);
            case SamplerStage.Penalties(int lookBack, float repeat, float frequency, float presence) ->
                LlamaC.panllama_sampler_penalties(vocabularySize, lookBack, repeat, frequency, presence, out);
            case SamplerStage.Dry dry -> dry(dry);
            case SamplerStage.LogitBias(Map<Integer, Float> biases) -> logitBias(biases);
            case SamplerStage.Infill() -> infill();
            case SamplerStage.Grammar(String text, String root) ->
                LlamaC.panllama_sampler_grammar(vocabulary, arena.allocateFrom(text), arena.allocateFrom(root), out);
            case SamplerStage.LazyGrammar grammar -> lazyGrammar(grammar);
            case SamplerStage.ReplyGrammar grammar -> replyGrammar(grammar);
            case SamplerStage.ReasoningBudget budget ->
                ReasoningTokens.of(budget, model.tokenizer()).create(vocabulary, arena, out);
        };
    }

    /** Some stages look at the texts of tokens. */
    private void checkVocabulary(SamplerStage stage) {
        boolean texts = isGrammar(stage)
                || stage instanceof SamplerStage.Dry
                || stage instanceof SamplerStage.Infill
                || stage instanceof SamplerStage.ReasoningBudget;
        if (texts && LlamaC.llama_vocab_type(vocabulary) == LlamaC.LLAMA_VOCAB_TYPE_NONE()) {
            throw new IllegalArgumentException("The model has no vocabulary, which the stage "
                    + stage.getClass().getSimpleName() + " needs");
        }
    }

    private int dry(SamplerStage.Dry dry) {
        return LlamaC.panllama_sampler_dry(
                vocabulary,
                dry.multiplier(),
                dry.base(),
                dry.allowedLength(),
                dry.lookBack(),
                strings(dry.breakers()),
                dry.breakers().size(),
                out);
    }

    private int logitBias(Map<Integer, Float> biases) {
        MemorySegment list = llama_logit_bias.allocateArray(Math.max(1, biases.size()), arena);
        int i = 0;
        for (Map.Entry<Integer, Float> bias : biases.entrySet()) {
            MemorySegment entry = llama_logit_bias.asSlice(list, i++);
            llama_logit_bias.token(entry, Check.index("token", bias.getKey(), vocabularySize));
            llama_logit_bias.bias(entry, bias.getValue());
        }
        return LlamaC.panllama_sampler_logit_bias(vocabularySize, list, biases.size(), out);
    }

    /** The stage falls back to the token that ends a turn, and aborts where there is none. */
    private int infill() {
        if (LlamaC.llama_vocab_eot(vocabulary) == LlamaC.LLAMA_TOKEN_NULL()) {
            throw new IllegalArgumentException("The stage Infill needs a vocabulary with a token that ends a turn");
        }
        return LlamaC.panllama_sampler_infill(vocabulary, out);
    }

    private int lazyGrammar(SamplerStage.LazyGrammar grammar) {
        int[] tokens = grammar.triggerTokens().stream()
                .mapToInt(token -> Check.index("triggerToken", token, vocabularySize))
                .toArray();
        return LlamaC.panllama_sampler_grammar_lazy(
                vocabulary,
                arena.allocateFrom(grammar.text()),
                arena.allocateFrom(grammar.root()),
                strings(grammar.triggerPatterns()),
                grammar.triggerPatterns().size(),
                tokens.length == 0 ? arena.allocate(JAVA_INT) : arena.allocateFrom(JAVA_INT, tokens),
                tokens.length,
                out);
    }

    private int replyGrammar(SamplerStage.ReplyGrammar grammar) {
        ReplyTokens tokens = ReplyTokens.of(grammar, model.tokenizer());
        int status = create(grammar.rules());
        return status == LlamaC.PANLLAMA_OK() ? tokens.create(out.get(ADDRESS, 0), arena, out) : status;
    }

    private MemorySegment strings(List<String> texts) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, texts.size()));
        for (int i = 0; i < texts.size(); i++) {
            pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        return pointers;
    }
}
