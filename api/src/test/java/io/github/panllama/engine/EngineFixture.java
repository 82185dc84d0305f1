package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.Sampler;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskResult;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The bundled model, some of its questions, and what it answers to each alone. */
final class EngineFixture {
    /** Nothing here takes so long. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int EVERY = 18;

    private EngineFixture() {}

    static LlamaModel model() {
        return LlamaModel.load(
                TinyModel.path(), ModelOptions.builder().gpuLayers(0).build());
    }

    static EngineOptions.Builder options() {
        return EngineOptions.builder().context(EngineFixture::fixed);
    }

    /** What is not to be chosen by measuring, since it changes the last bits. */
    static ContextOptions.Builder fixed(ContextOptions.Builder context) {
        return context.threads(1).offloadOperations(false).flashAttention(FlashAttention.DISABLED);
    }

    static List<Question> questions(LlamaModel model) {
        try {
            List<Question> all = QuestionFile.read(TinyModel.questions(), model);
            return IntStream.range(0, all.size())
                    .filter(i -> i % EVERY == 0)
                    .mapToObj(all::get)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the model says to each question, asked alone, by a loop that is not the engine's. */
    static List<String> answers(LlamaModel model, List<Question> questions) {
        TaskOptions alone =
                TaskOptions.builder().sequences(1).context(EngineFixture::fixed).build();
        return Evaluation.tasks(model, questions, alone).results().stream()
                .map(TaskResult::text)
                .toList();
    }

    static CompletionRequest.Builder greedy(String prompt) {
        return CompletionRequest.builder(prompt).sampling(SamplingOptions.greedy());
    }

    static CompletionRequest.Builder greedy(Question question) {
        return greedy(question.prompt().orElseThrow()).maxTokens(question.maxTokens());
    }

    /** A request that goes on until it is stopped: the model never gets to end it. */
    static CompletionRequest.Builder endless(LlamaModel model, int maxTokens) {
        return endless(model, maxTokens, "<｜User｜>Hello!<｜Assistant｜>");
    }

    static CompletionRequest.Builder endless(LlamaModel model, int maxTokens, String prompt) {
        SamplingOptions.Builder sampling = SamplingOptions.builder().temperature(0);
        for (int token = 0; token < model.vocabularySize(); token++) {
            if (model.tokenizer().isEndOfGeneration(token)) {
                sampling.bias(token, Float.NEGATIVE_INFINITY);
            }
        }
        return CompletionRequest.builder(prompt).maxTokens(maxTokens).sampling(sampling.build());
    }

    /** A job with a prompt of tokens, as the engine makes it, whose sampler is to be closed. */
    static Job job(LlamaModel model, CompletionRequest request, @Nullable Session session) {
        return new Job(
                request,
                request.promptTokens,
                256,
                new Generation(1, () -> {}),
                Sampler.greedy(model),
                null,
                model.tokenizer(),
                session,
                RouterTest.load(),
                System.nanoTime());
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
