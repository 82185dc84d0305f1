package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import java.nio.file.Path;
import java.util.List;

/**
 * Generates for many at the same time. Requests join and leave between steps: a step computes the next token of every
 * generation together, and pieces of the prompts of those that have come. What prompts have in common is computed once.
 *
 * {@snippet :
 * try (LlamaModel model = LlamaModel.load(Path.of("model.gguf"));
 *         LlamaEngine engine = LlamaEngine.start(model)) {
 *     Generation one = engine.generate(CompletionRequest.of("The capital of France is"));
 *     Generation other = engine.generate(CompletionRequest.of("Once upon a time"));
 *     for (GenerationChunk chunk : one) {
 *         System.out.print(chunk.text());
 *     }
 *     System.out.println(other.await().text());
 * }
 * }
 *
 * <p>The KV cache has room for a number of tokens, of all generations together. A request begins when there is a place
 * for its prompt and its next tokens; until then it waits. When the cache is full, the generation that began last waits
 * in its middle, and goes on from there. What was computed for a generation stays after its end, as long as nobody needs
 * the room, and a prompt that begins alike takes it over.
 *
 * <p>An engine computes in this process, or, {@linkplain #startIsolated(Path, IsolatedOptions) isolated}, in one of its
 * own, whose crash is an exception here.
 *
 * <p><b>Threads.</b> Any, virtual ones too. A thread of the engine's own computes, of each replica one.
 */
public sealed interface LlamaEngine extends AutoCloseable permits LocalEngine, IsolatedEngine {
    /** An engine with the default options. */
    static LlamaEngine start(LlamaModel model) {
        return start(model, EngineOptions.defaults());
    }

    /**
     * Starts an engine. It has a context of its own, or as many as {@link EngineOptions.Builder#replicas} says; the model
     * may serve others beside it. What the options leave open of how to compute is measured at the first start, for about
     * 0.3 seconds: {@link EngineStats#tuning}.
     *
     * @throws UnsupportedOperationException if the model has an encoder, is not {@linkplain LlamaModel#isCausal causal}, or
     *     has no layers for the multi-token prediction that the options ask for
     * @throws io.github.panllama.LlamaException if there is no memory for the context
     */
    static LlamaEngine start(LlamaModel model, EngineOptions options) {
        return start(List.of(model), options);
    }

    /**
     * Starts an engine that computes on several devices. It has a context for each model, or as many as
     * {@link EngineOptions.Builder#replicas} says, and gives each request to one of them: where the fewest tokens are to
     * be computed yet, or where its prompt's beginning was computed lately.
     *
     * {@snippet :
     * List<LlamaModel> models = new ArrayList<>();
     * for (Device gpu : Device.gpus()) {
     *     models.add(LlamaModel.load(file, ModelOptions.builder().devices(List.of(gpu)).build()));
     * }
     * LlamaEngine engine = LlamaEngine.start(models, EngineOptions.defaults());
     * }
     *
     * <p>How to compute is measured with the first model, and all contexts are alike. The engine fails as a whole where
     * one of them does, as when one of the models is closed.
     *
     * @param models loaded from the same file, with the same options but for devices and what goes to them; at least one
     * @throws IllegalArgumentException if there is no model, they are not the same, or they have more than {@value
     *     EngineOptions#MAX_REPLICAS} replicas together
     * @throws UnsupportedOperationException as for {@link #start(LlamaModel, EngineOptions)}
     * @throws io.github.panllama.LlamaException if there is no memory for the contexts
     */
    static LlamaEngine start(List<LlamaModel> models, EngineOptions options) {
        return LocalEngine.open(models, options, () -> {});
    }

    /** An engine in a process of its own, with the default options: see {@link #startIsolated(Path, IsolatedOptions)}. */
    static LlamaEngine startIsolated(Path model) {
        return startIsolated(model, IsolatedOptions.defaults());
    }

    /**
     * Starts an engine in a process of its own, the worker, which loads the model. This process loads no native library,
     * and no crash of the worker ends it: requests that were being computed fail with {@link EngineCrashedException},
     * those that wait are computed by the next worker, which starts by itself. Sessions go on: what was computed of them
     * comes back from the {@linkplain EngineOptions.Builder#sessionFolder folder} where it was saved, or is computed again.
     *
     * {@snippet :
     * try (LlamaEngine engine = LlamaEngine.startIsolated(Path.of("model.gguf"))) {
     *     System.out.println(engine.generate(CompletionRequest.of("The capital of France is")).await().text());
     * } catch (EngineCrashedException e) {
     *     System.err.println(e.getMessage());
     * }
     * }
     *
     * <p>Native objects of this process are of no use there: {@link #model} is refused, and adapters and draft models are
     * those that {@link EngineOptions} name.
     *
     * @param model a GGUF file; of a model in several files, the first, beside the others
     * @throws io.github.panllama.ModelLoadException if the worker cannot load the model
     * @throws EngineCrashedException if the worker cannot be started, or ends while it loads
     * @throws java.util.concurrent.CancellationException if the progress listener cancelled the load
     * @throws UnsupportedOperationException as for {@link #start(LlamaModel, EngineOptions)}
     * @throws io.github.panllama.LlamaException if there is no memory for the contexts
     */
    static LlamaEngine startIsolated(Path model, IsolatedOptions options) {
        return IsolatedEngine.open(model, options);
    }

    /**
     * Submits a request.
     *
     * @return the generation, which begins as soon as there is room
     * @throws EngineBusyException if as many wait as may
     * @throws EngineClosedException if the engine is closed
     * @throws IllegalArgumentException if the prompt is empty or does not fit the context, has a token that is not in
     *     the vocabulary, more logprobs are asked for than there are tokens, an adapter is of another model, a stage of
     *     sampling does not fit the model, or a draft model has another vocabulary. While an isolated engine's next worker
     *     starts, the generation fails with this instead
     * @throws IllegalStateException if an adapter is closed
     * @throws UnsupportedOperationException if the context shall be shifted when it is full, and cannot be; if the request
     *     speculates and the model, or the draft model, has a memory that cannot lose its last tokens, or the engine was
     *     started without the multi-token prediction that it asks for; if the engine is isolated and the request has an
     *     adapter or a draft model
     */
    Generation generate(CompletionRequest request);

    /**
     * Submits a request several times, for answers to choose from; the prompt is computed once. Give no seed, or all
     * are alike.
     *
     * @param count generations, 1 or more
     * @return the generations; all were submitted, or none
     * @throws EngineBusyException if not all can wait
     * @throws EngineClosedException if the engine is closed
     * @throws IllegalArgumentException as for {@link #generate(CompletionRequest)}
     */
    List<Generation> generate(CompletionRequest request, int count);

    /**
     * Opens a conversation, under an id that nobody has.
     *
     * @throws EngineClosedException if the engine is closed
     */
    Session openSession();

    /**
     * Opens a conversation: the one that was {@linkplain Session#save saved} under this id in the session folder, or
     * else a new one.
     *
     * @param id 1 to 128 letters, digits, {@code _} or {@code -}
     * @throws IllegalStateException if a session of this id is open
     * @throws io.github.panllama.InvalidStateException if its file is damaged, or of another model or release of llama.cpp
     * @throws io.github.panllama.LlamaException if its file cannot be read
     * @throws EngineClosedException if the engine is closed
     */
    Session openSession(String id);

    /** The sessions that are open, in no order. */
    List<Session> sessions();

    /** What the engine does and has done; an isolated one, since its worker started. */
    EngineStats stats();

    /** The most tokens that a generation can have, prompt and answer together. */
    int sequenceContextSize();

    /** What the engine's model is. */
    EngineModel description();

    /** Whether the engine computes in a process of its own. */
    boolean isIsolated();

    /**
     * The model; the first one of several.
     *
     * @throws UnsupportedOperationException if the engine is isolated: {@link #description}, {@link #encode} and
     *     {@link #decode} do without
     */
    LlamaModel model();

    /** Encodes a text as a prompt: {@link io.github.panllama.Tokenizer#encode(String)}. */
    default int[] encode(String text) {
        return encode(text, true, true);
    }

    /**
     * Encodes a text with the model's vocabulary: {@link io.github.panllama.Tokenizer#encode(String, boolean, boolean)}.
     *
     * @throws IllegalStateException if the model is closed
     * @throws EngineClosedException if the engine is isolated, and closed
     * @throws EngineCrashedException if the worker of an isolated engine crashes meanwhile
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /** Decodes tokens to text, leaving out special ones. Throws as {@link #decode(int[], boolean)}. */
    default String decode(int... tokens) {
        return decode(tokens, false);
    }

    /**
     * Decodes tokens to text with the model's vocabulary: {@link io.github.panllama.Tokenizer#decode(int[], boolean)}.
     *
     * @throws IndexOutOfBoundsException if a token is not in the vocabulary
     * @throws IllegalStateException if the model is closed
     * @throws EngineClosedException if the engine is isolated, and closed
     * @throws EngineCrashedException if the worker of an isolated engine crashes meanwhile
     */
    String decode(int[] tokens, boolean special);

    /**
     * Ends the engine, not the model: what waits and what runs fails with {@link EngineClosedException}, a step that is
     * being computed is broken off, the contexts are freed; a worker ends. Sessions that were not {@linkplain Session#save
     * saved} are lost. May be called twice, from any thread.
     */
    @Override
    void close();
}
