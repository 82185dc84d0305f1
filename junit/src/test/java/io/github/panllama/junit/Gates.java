package io.github.panllama.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Test classes with gates, which {@link QualityGateTest} runs, and the files that they name. */
final class Gates {
    private static final String FOLDER = "target/gates/";
    static final String EXACT = FOLDER + "f32.gguf";
    static final String COARSE = FOLDER + "q4.gguf";
    static final String TEXT = FOLDER + "text.txt";
    static final String QUESTIONS = FOLDER + "questions.jsonl";

    private Gates() {}

    static void write() throws IOException {
        Files.createDirectories(Path.of(FOLDER));
        SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.F32).write(Path.of(EXACT));
        SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.Q4_0).write(Path.of(COARSE));
        Files.writeString(Path.of(TEXT), "one two three 4 5 6 and so on. ".repeat(40));
        Files.writeString(Path.of(QUESTIONS), """
                {"id": "any", "skill": "easy", "prompt": "Hello", "pattern": "", "max_tokens": 4}
                {"id": "none", "skill": "hard", "prompt": "Hello", "answer": "not this", "max_tokens": 4}
                """);
    }

    static class Passing {
        @QualityGate(
                model = EXACT,
                reference = EXACT,
                text = TEXT,
                questions = QUESTIONS,
                minTop1 = 1,
                maxKl = 1e-6,
                maxPerplexityRatio = 1.000001,
                minAccuracy = 0.5,
                windowSize = 64,
                threads = 1)
        void aModelEqualsItself(QualityReport report) {
            assertThat(report.comparison().orElseThrow().tokens()).isGreaterThan(100);
            assertThat(report.perplexity().orElseThrow().windowSize()).isEqualTo(64);
            assertThat(report.tasks().orElseThrow().results()).hasSize(2);
        }
    }

    static class Failing {
        @QualityGate(
                model = COARSE,
                reference = EXACT,
                text = TEXT,
                minTop1 = 0.999,
                maxKl = 0.0001,
                maxPerplexityRatio = 1000,
                windowSize = 64,
                threads = 1)
        void aCoarseModelIsNotTheExactOne() {
            throw new AssertionError("the body does not run");
        }
    }

    static class WrongAnswers {
        @QualityGate(model = EXACT, questions = QUESTIONS, minAccuracy = 0.6, minSkillAccuracy = 0.1, threads = 1)
        void halfOfTheAnswersAreRight() {}
    }

    @QualityGate(model = COARSE, text = TEXT, maxPerplexity = 1.5, windowSize = 64, maxChunks = 2, threads = 1)
    static class FailingClass {
        @Test
        void first() {}

        @Test
        void second() {}
    }

    @QualityGate(model = COARSE, text = TEXT, maxPerplexity = 1e9, windowSize = 64, maxChunks = 2, threads = 1)
    static class PassingClass {
        @Test
        void theReportIsThere(QualityReport report) {
            assertThat(report.perplexity().orElseThrow().chunks()).isEqualTo(2);
            assertThat(report.comparison()).isEmpty();
        }
    }

    static class WithoutBound {
        @QualityGate(model = EXACT, text = TEXT)
        void nothingToCheck() {}
    }

    static class WithoutReference {
        @QualityGate(model = EXACT, text = TEXT, minTop1 = 0.9)
        void nothingToCompareWith() {}
    }

    static class ShortText {
        @QualityGate(model = EXACT, text = QUESTIONS, maxPerplexity = 10, windowSize = 512)
        void lessThanTwoWindows() {}
    }
}
