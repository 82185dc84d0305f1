package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 * for its prompt and the most tokens that it may generate; until then it waits. What was computed for a generation
 * stays after its end, as long as nobody needs the room, and a prompt that begins alike takes it over.
 *
 * <p><b>Threads.</b> Any, virtual ones too. One thread of the engine's own computes.
 */
public final class LlamaEngine implements AutoCloseable {
    private static final int LEAST_CONTEXT = 4096;
    private static final int MOST_CONTEXT = 32_768;
    private static final int CONTEXTS = 4;

    private final LlamaModel model;
    private final EngineOptions options;
    private final RequestQueue queue;
    private final StatsRecorder stats = new StatsRecorder();
    private final DraftSources drafts;
    private final EngineLoop loop;
    private final Thread thread;
    private final int room;
    private final int cells;
    private final int sequences;

    private LlamaEngine(LlamaModel model, EngineOptions options, LlamaContext context) {
        this.model = model;
        this.options = options;
        queue = new RequestQueue(options.queueCapacity, options.aging);
        room = context.sequenceContextSize();
        cells = context.contextSize();
        sequences = context.maxSequences();
        drafts = new DraftSources(context, options);
        try {
            loop = new EngineLoop(context, queue, options, stats, drafts);
        } catch (RuntimeException | Error e) {
            drafts.close();
            throw e;
        }
        thread = Thread.ofPlatform().daemon().name("panllama-engine").unstarted(loop);
    }

    /** An engine with the default options. */
    public static LlamaEngine start(LlamaModel model) {
        return start(model, EngineOptions.defaults());
    }

    /**
     * Starts an engine. It has a context of its own; the model may serve others beside it.
     *
     * @throws UnsupportedOperationException if the model has an encoder, or no layers for the multi-token prediction that
     *     the options ask for
     * @throws io.github.panllama.LlamaException if there is no memory for the context
     */
    public static LlamaEngine start(LlamaModel model, EngineOptions options) {
        if (model.hasEncoder() || !model.hasDecoder()) {
            throw new UnsupportedOperationException(model + " has an encoder; an engine needs a decoder alone");
        }
        int most = Llama.maxSequences();
        if (options.sequences > most) {
            throw new IllegalArgumentException("sequences is %d, must be in [1, %d], as many as a context can have"
                    .formatted(options.sequences, most));
        }
        int size = options.contextSize == null ? defaultContextSize(model) : options.contextSize;
        int batch = Math.min(options.batchSize, size);
        if (batch < options.sequences) {
            throw new IllegalArgumentException(
                    "batchSize is %d and contextSize %d, must not be under sequences, %d: a step has a token of each"
                            .formatted(options.batchSize, size, options.sequences));
        }
        ContextOptions.Builder settings = ContextOptions.builder().unifiedKvCache(true);
        options.context.accept(settings);
        LlamaContext context = model.newContext(settings.contextSize(size)
                .batchSize(batch)
                .maxSequences(options.sequences)
                .build());
        try {
            LlamaEngine engine = new LlamaEngine(model, options, context);
            engine.thread.start();
            return engine;
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
    }

    private static int defaultContextSize(LlamaModel model) {
        int trained = model.trainingContextSize();
        return Math.max(trained, Math.clamp((long) CONTEXTS * trained, LEAST_CONTEXT, MOST_CONTEXT));
    }

    /**
     * Submits a request.
     *
     * @return the generation, which begins as soon as there is room
     * @throws EngineBusyException if as many wait as may
     * @throws EngineClosedException if the engine is closed
     * @throws IllegalArgumentException if the prompt is empty or does not fit the context, has a token that is not in
     *     the vocabulary, a stage of sampling does not fit the model, or a draft model has another vocabulary
     * @throws UnsupportedOperationException if the request speculates and the model, or the draft model, has a memory
     *     that cannot lose its last tokens, or the engine was started without the multi-token prediction that it asks for
     */
    public Generation generate(CompletionRequest request) {
        return generate(request, 1).getFirst();
    }

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
    public List<Generation> generate(CompletionRequest request, int count) {
        Objects.requireNonNull(request, "request");
        if (count < 1) {
            throw new IllegalArgumentException("count is %d, must be positive".formatted(count));
        }
        long now = System.nanoTime();
        int[] prompt = prompt(request);
        List<Job> jobs = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Generation generation = new Generation(options.readAhead, loop::wake);
                Draft draft = request.speculation == null ? null : drafts.draft(request.speculation);
                Sampler sampler = sampler(request, draft);
                jobs.add(new Job(request, prompt, room, generation, sampler, draft, model.tokenizer(), now));
            }
            queue.add(jobs);
        } catch (RuntimeException | Error e) {
            jobs.forEach(Job::release);
            throw e;
        }
        loop.wake();
        return jobs.stream().map(Job::generation).toList();
    }

    private Sampler sampler(CompletionRequest request, @Nullable Draft draft) {
        try {
            return Sampler.of(model, request.sampling);
        } catch (RuntimeException | Error e) {
            if (draft != null) {
                draft.jobEnded();
            }
            throw e;
        }
    }

    private int[] prompt(CompletionRequest request) {
        int[] prompt = request.prompt == null
                ? request.promptTokens
                : model.tokenizer().encode(request.prompt);
        if (prompt.length == 0 || prompt.length > room) {
            throw new IllegalArgumentException("The prompt has %d tokens, must have 1 to %d, the size of the context"
                    .formatted(prompt.length, room));
        }
        for (int token : prompt) {
            if (token < 0 || token >= model.vocabularySize()) {
                throw new IllegalArgumentException("The prompt has the token %d, must be in [0, %d), the vocabulary"
                        .formatted(token, model.vocabularySize()));
            }
        }
        return prompt;
    }

    /** What the engine does and has done. */
    public EngineStats stats() {
        return stats.snapshot(sequences, cells, queue.size());
    }

    /** The model. */
    public LlamaModel model() {
        return model;
    }

    /**
     * Ends the engine, not the model: what waits and what runs fails with {@link EngineClosedException}, a step that is
     * being computed is broken off, the context is freed. May be called twice, from any thread.
     */
    @Override
    public void close() {
        loop.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the context must be gone when this returns
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
