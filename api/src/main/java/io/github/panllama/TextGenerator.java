package io.github.panllama;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The shortest way from a prompt to text: one sequence, one request at a time, each starting afresh.
 *
 * {@snippet :
 * try (LlamaModel model = LlamaModel.load(Path.of("model.gguf"));
 *         TextGenerator generator = TextGenerator.of(model)) {
 *     generator.generate("The capital of France is", System.out::print);
 * }
 * }
 *
 * <p><b>Threads.</b> One call at a time; a second one throws {@link IllegalStateException}. {@link #cancel()} may be
 * called beside it.
 */
public final class TextGenerator implements AutoCloseable {
    private final LlamaModel model;
    private final Tokenizer tokenizer;
    private final LlamaContext context;
    private final Batch batch;
    private final Owner owner = new Owner("The generator");

    private TextGenerator(LlamaModel model, LlamaContext context) {
        this.model = model;
        this.tokenizer = model.tokenizer();
        this.context = context;
        this.batch = context.newBatch();
    }

    /** A generator with a context of the default options. */
    public static TextGenerator of(LlamaModel model) {
        return of(model, ContextOptions.defaults());
    }

    /** A generator with a context of these options. */
    public static TextGenerator of(LlamaModel model, ContextOptions options) {
        LlamaContext context = model.newContext(options);
        try {
            return new TextGenerator(model, context);
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
    }

    /** Generates with the default options. */
    public GenerationResult generate(String prompt) {
        return generate(GenerationRequest.builder(prompt).build());
    }

    /** Generates with the default options, and gives out the text as it comes. */
    public GenerationResult generate(String prompt, Consumer<String> onText) {
        return generate(GenerationRequest.builder(prompt).onText(onText).build());
    }

    /**
     * Generates.
     *
     * @throws IllegalArgumentException if the prompt is empty or longer than the context, or the sampling options do
     *     not fit the model
     * @throws SamplingException if a grammar runs dry
     * @throws DecodeException if decoding fails or is cancelled
     */
    public GenerationResult generate(GenerationRequest request) {
        try (Owner.Use _ = owner.use()) {
            return generate(request, System.nanoTime());
        }
    }

    private GenerationResult generate(GenerationRequest request, long start) {
        int[] prompt = request.prompt == null ? request.promptTokens : tokenizer.encode(request.prompt);
        int room = context.sequenceContextSize();
        if (prompt.length == 0 || prompt.length > room) {
            throw new IllegalArgumentException("The prompt has %d tokens, must have 1 to %d, the size of the context"
                    .formatted(prompt.length, room));
        }
        try (Sampler sampler = Sampler.of(model, request.sampling)) {
            return new Run(request, sampler, start).go(prompt, room);
        }
    }

    /** Makes the generation that is running, or else the next one, end with a {@link DecodeException}. */
    public void cancel() {
        context.abort();
    }

    /** The context that it generates in. */
    public LlamaContext context() {
        return context;
    }

    /**
     * Frees the context, not the model. May be called twice.
     *
     * @throws IllegalStateException if it is generating: {@link #cancel()} it first
     */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            try {
                batch.close();
            } finally {
                context.close();
            }
        }
    }

    /** One generation. */
    private final class Run {
        private final GenerationRequest request;
        private final Sampler sampler;
        private final long start;
        private final StreamingDecoder decoder = tokenizer.newStreamingDecoder();
        private final StringBuilder text = new StringBuilder();
        private final List<Integer> tokens = new ArrayList<>();

        Run(GenerationRequest request, Sampler sampler, long start) {
            this.request = request;
            this.sampler = sampler;
            this.start = start;
        }

        GenerationResult go(int[] prompt, int room) {
            context.memory().clear();
            int row = prefill(prompt);
            int position = model.hasEncoder() ? 1 : prompt.length;
            Duration first = Duration.ZERO;
            FinishReason reason = FinishReason.LENGTH;
            while (tokens.size() < request.maxTokens) {
                int token = sampler.sample(context, row);
                if (tokens.isEmpty()) {
                    first = Duration.ofNanos(System.nanoTime() - start);
                }
                if (tokenizer.isEndOfGeneration(token)) {
                    reason = FinishReason.STOP;
                    break;
                }
                give(token);
                if (position == room || tokens.size() == request.maxTokens) {
                    break;
                }
                batch.clear();
                row = batch.add(token, position++, 0, true);
                context.decode(batch);
            }
            give(decoder.finish());
            return new GenerationResult(
                    text.toString(), tokens, reason, prompt.length, first, Duration.ofNanos(System.nanoTime() - start));
        }

        /** Evaluates the prompt in batches and answers the row of its last token. */
        private int prefill(int[] prompt) {
            if (model.hasEncoder()) {
                return encode(prompt);
            }
            for (int from = 0; from < prompt.length; from += batch.capacity()) {
                int to = Math.min(prompt.length, from + batch.capacity());
                batch.clear();
                batch.addAll(prompt, from, to, from, 0, to == prompt.length);
                context.decode(batch);
            }
            return batch.size() - 1;
        }

        /** Lets the encoder read the prompt, and starts the decoder. */
        private int encode(int[] prompt) {
            batch.clear();
            batch.addAll(prompt, 0, prompt.length, 0, 0, true);
            context.encode(batch);
            batch.clear();
            int row = batch.add(
                    model.decoderStartToken()
                            .orElseGet(() -> tokenizer.beginOfText().orElseThrow()),
                    0,
                    0,
                    true);
            context.decode(batch);
            return row;
        }

        private void give(int token) {
            tokens.add(token);
            request.onToken.accept(token);
            give(decoder.append(token));
        }

        private void give(String piece) {
            if (!piece.isEmpty()) {
                text.append(piece);
                request.onText.accept(piece);
            }
        }
    }
}
