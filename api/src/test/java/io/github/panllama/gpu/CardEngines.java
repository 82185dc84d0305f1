package io.github.panllama.gpu;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Engines on the card, the bundled model, and questions that it knows the answers to. */
final class CardEngines {
    private static final int EVERY = 36;
    private static final long PATIENCE_SECONDS = 120;

    private CardEngines() {}

    /** Options of an engine whose results do not depend on what is measured at its start. */
    static EngineOptions.Builder options(int sequences) {
        return EngineOptions.builder().sequences(sequences).context(Card::fixed);
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

    static CompletionRequest.Builder greedy(Question question) {
        return CompletionRequest.builder(question.prompt().orElseThrow())
                .maxTokens(question.maxTokens())
                .sampling(SamplingOptions.greedy());
    }

    /** The texts that an engine answers, all questions at the same time. */
    static List<String> answers(LlamaEngine engine, List<CompletionRequest> requests) {
        List<Generation> generations = requests.stream().map(engine::generate).toList();
        return generations.stream().map(each -> result(each).text()).toList();
    }

    /** The right answers: what the bundled model says on the CPU, each question alone. */
    static List<String> answersOfTheCpu(List<Question> questions) {
        try (LlamaModel model = Card.loadOnCpu(TinyModel.path());
                LlamaEngine engine = LlamaEngine.start(model, options(1).build())) {
            return questions.stream()
                    .map(question ->
                            result(engine.generate(greedy(question).build())).text())
                    .toList();
        }
    }

    static CompletionResult result(Generation generation) {
        try {
            return generation.result().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("a generation came to no end", e);
        }
    }

    /**
     * How many texts are the expected ones. Not all need be: what else is in a step rounds the logits in another way, and
     * a near tie between two tokens then turns out differently.
     */
    static double agreement(List<String> texts, List<String> expected) {
        long same = IntStream.range(0, expected.size())
                .filter(i -> texts.get(i).equals(expected.get(i)))
                .count();
        return (double) same / expected.size();
    }
}
