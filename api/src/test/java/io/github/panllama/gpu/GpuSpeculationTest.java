package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guesses that are checked on the card change nothing but the number of steps. */
@OnCard
class GpuSpeculationTest {
    @TempDir
    private static Path folder;

    private static LlamaModel model;
    private static LlamaModel smaller;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() throws IOException {
        Path file = folder.resolve("smaller.gguf");
        Quantizer.quantize(
                TinyModel.path(),
                file,
                QuantizationOptions.builder(QuantizationType.Q4_0)
                        .allowRequantize()
                        .build());
        model = Card.load(TinyModel.path());
        smaller = Card.load(file);
        questions = CardEngines.questions(model);
        answers = CardEngines.answersOfTheCpu(questions);
    }

    @AfterAll
    static void close() {
        smaller.close();
        model.close();
    }

    @Test
    void whatTheTextHadBeforeIsGuessed() {
        answersAreTheSame(Speculation.ngram(2, 8), 0.05);
    }

    @Test
    void aDraftModelOnTheCardGuesses() {
        answersAreTheSame(Speculation.draftModel(smaller, 5, 0), 0.5);
    }

    private static void answersAreTheSame(Speculation speculation, double acceptance) {
        List<CompletionRequest> requests = questions.stream()
                .map(each -> CardEngines.greedy(each).speculation(speculation).build())
                .toList();
        try (LlamaEngine engine =
                LlamaEngine.start(model, CardEngines.options(4).build())) {
            assertThat(CardEngines.agreement(CardEngines.answers(engine, requests), answers))
                    .isGreaterThanOrEqualTo(0.9);
            EngineStats stats = engine.stats();
            assertThat((double) stats.acceptedTokens() / stats.draftedTokens()).isGreaterThan(acceptance);
        }
    }
}
