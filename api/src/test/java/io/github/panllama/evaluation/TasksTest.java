package io.github.panllama.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Logits;
import io.github.panllama.SamplingOptions;
import io.github.panllama.Tokenizer;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Questions are answered as they would be one by one, and judged by their answers. */
class TasksTest {
    private static final int QUESTIONS = 40;

    @TempDir
    private static Path folder;

    private static Path file;

    /** How much likelier every token must be than the next best: sums in another order must not decide. */
    private static final float MARGIN = 0.02f;

    /** A prompt, and what a model says to it alone. */
    private record Sample(int seed, String text, int tokens) {
        String prompt() {
            return Texts.words(3 + (seed * 7) % 40, seed);
        }
    }

    private static List<Sample> samples;

    @BeforeAll
    static void prepare() throws IOException {
        file = Texts.model(folder, Architecture.LLAMA, GgmlType.F32);
        samples = oneByOne(file);
    }

    private static List<Sample> oneByOne(Path file) {
        ContextOptions.Builder options = ContextOptions.builder().contextSize(512);
        Texts.CPU.accept(options);
        try (LlamaModel model = Texts.load(file);
                LlamaContext context = model.newContext(options.build())) {
            return IntStream.range(0, 1000)
                    .mapToObj(seed -> say(context, new Sample(seed, "", 5 + (seed * 5) % 30)))
                    .flatMap(Optional::stream)
                    .limit(QUESTIONS)
                    .toList();
        }
    }

    /** Empty if two tokens were nearly as likely somewhere. */
    private static Optional<Sample> say(LlamaContext context, Sample sample) {
        Tokenizer tokenizer = context.model().tokenizer();
        int[] next = tokenizer.encode(sample.prompt());
        int position = 0;
        int[] said = new int[sample.tokens()];
        context.memory().clear();
        for (int i = 0; i < said.length; i++) {
            try (Batch batch = context.newBatch()) {
                batch.addAll(next, 0, next.length, position, 0, true);
                context.decode(batch);
            }
            position += next.length;
            List<Logits.Candidate> best = context.logits(next.length - 1).top(2);
            said[i] = best.getFirst().token();
            if (best.getFirst().logit() - best.getLast().logit() < MARGIN || tokenizer.isEndOfGeneration(said[i])) {
                return Optional.empty();
            }
            next = new int[] {said[i]};
        }
        return Optional.of(new Sample(sample.seed(), tokenizer.decode(said, true), said.length));
    }

    private static List<Question> questions(List<Sample> samples) {
        return IntStream.range(0, samples.size())
                .mapToObj(i -> Question.builder(samples.get(i).prompt())
                        .id("q" + i)
                        .skill(i % 4 == 0 ? "rare" : "common")
                        .answer(samples.get(i).text())
                        .maxTokens(samples.get(i).tokens())
                        .build())
                .toList();
    }

    private static List<String> texts(List<Sample> samples) {
        return samples.stream().map(Sample::text).toList();
    }

    @ParameterizedTest
    @CsvSource({"1, 2048, false", "32, 2048, false", "32, 2048, true", "7, 16, false", "7, 16, true", "200, 33, false"})
    void theTextsAreThoseOfOneByOne(int sequences, int batch, boolean unified) {
        try (LlamaModel model = Texts.load(file)) {
            TaskReport report = Evaluation.tasks(
                    model,
                    questions(samples),
                    options()
                            .sequences(sequences)
                            .batchSize(batch)
                            .context(Texts.CPU.andThen(context -> context.unifiedKvCache(unified)))
                            .build());
            assertThat(report.results()).extracting(TaskResult::text).isEqualTo(texts(samples));
            assertThat(report.accuracy()).isEqualTo(1);
            assertThat(report.wrong()).isEmpty();
        }
        assertThat(texts(samples).stream().distinct())
                .as("texts that tell questions apart")
                .hasSizeGreaterThan(30);
    }

    @ParameterizedTest
    @EnumSource(names = {"QWEN2", "DEEPSEEK2", "QWEN3MOE", "MAMBA2"})
    void everyKindOfModelSaysTheSameInManySequences(Architecture architecture) throws IOException {
        Path other = Texts.model(folder, architecture, GgmlType.F32);
        List<Sample> expected = oneByOne(other);
        try (LlamaModel model = Texts.load(other)) {
            TaskReport report =
                    Evaluation.tasks(model, questions(expected), options().build());
            assertThat(report.results()).extracting(TaskResult::text).isEqualTo(texts(expected));
        }
    }

    @Test
    void theReportTellsWhatIsWrongAndInWhichSkill() {
        List<Sample> answers = new ArrayList<>(samples);
        for (int i : new int[] {4, 5}) {
            answers.set(
                    i,
                    new Sample(
                            answers.get(i).seed(),
                            "something else",
                            answers.get(i).tokens()));
        }
        try (LlamaModel model = Texts.load(file)) {
            TaskReport report =
                    Evaluation.tasks(model, questions(answers), options().build());
            assertThat(report.overall()).isEqualTo(new TaskReport.Score(QUESTIONS - 2, QUESTIONS));
            assertThat(report.accuracy()).isCloseTo(0.95, within(1e-12));
            assertThat(report.skills())
                    .isEqualTo(Map.of("rare", new TaskReport.Score(9, 10), "common", new TaskReport.Score(29, 30)));
            assertThat(report.wrong())
                    .extracting(result -> result.question().id())
                    .containsExactly("q4", "q5");
            assertThat(report.wrong().getFirst().text())
                    .isEqualTo(samples.get(4).text());
            assertThat(report.tokens())
                    .isEqualTo(report.results().stream()
                            .mapToLong(TaskResult::tokens)
                            .sum());
            assertThat(report.tokensPerSecond()).isPositive();
        }
    }

    @Test
    void aPromptOfTokensIsTakenAsItIs() {
        try (LlamaModel model = Texts.load(file)) {
            Sample sample = samples.get(3);
            Question question = Question.builder(model.tokenizer().encode(sample.prompt()))
                    .answer(sample.text())
                    .maxTokens(sample.tokens())
                    .build();
            assertThat(Evaluation.tasks(model, List.of(question), options().build())
                            .accuracy())
                    .isEqualTo(1);
        }
    }

    @Test
    void anEndOfTextEndsTheAnswerAndIsNoPartOfIt() {
        try (LlamaModel model = Texts.load(file)) {
            int end = model.tokenizer().endOfText().orElseThrow();
            TaskResult result = Evaluation.tasks(
                            model,
                            List.of(Question.builder("a").answer("").build()),
                            options()
                                    .sampling(SamplingOptions.builder()
                                            .bias(end, 1e6f)
                                            .temperature(0)
                                            .build())
                                    .build())
                    .results()
                    .getFirst();
            assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(result.tokens()).isZero();
            assertThat(result.right()).isTrue();
        }
    }

    @Test
    void everyQuestionBeginsWithTheSameSeed() {
        try (LlamaModel model = Texts.load(file)) {
            List<String> texts = said(model, samples, 9);
            assertThat(said(model, samples.reversed(), 9).reversed())
                    .isEqualTo(texts)
                    .isNotEqualTo(texts(samples));
            assertThat(said(model, samples, 10)).isNotEqualTo(texts);
        }
    }

    private static List<String> said(LlamaModel model, List<Sample> asked, int seed) {
        TaskOptions options = options()
                .sampling(SamplingOptions.defaultsBuilder().seed(seed).build())
                .sequences(1)
                .build();
        return Evaluation.tasks(model, questions(asked), options).results().stream()
                .map(TaskResult::text)
                .toList();
    }

    @Test
    void answersAreJudged() {
        Question exact = Question.builder("p").answer(" 132 ").build();
        assertThat(judge(exact, "132\n")).isTrue();
        assertThat(judge(exact, "132.")).isFalse();
        Question pattern =
                Question.builder("p").pattern(Pattern.compile("\\b132\\b")).build();
        assertThat(judge(pattern, "It is 132.")).isTrue();
        assertThat(judge(pattern, "It is 1321.")).isFalse();
        Question after =
                Question.builder("p").answer("132").answerAfter("</think>").build();
        assertThat(judge(after, "<think>131? </think> no </think>\n\n132")).isTrue();
        assertThat(judge(after, "132")).isFalse();
        assertThat(judge(after, "</think> 132 </think> 5")).isFalse();
    }

    private static boolean judge(Question question, String text) {
        return TaskResult.of(question, text, FinishReason.STOP, 1, 1).right();
    }

    @Test
    void progressTellsTheAccuracyAndCanCancel() {
        List<EvaluationProgress> told = new ArrayList<>();
        try (LlamaModel model = Texts.load(file)) {
            Evaluation.tasks(
                    model, questions(samples), options().listener(told::add).build());
            assertThat(told.getFirst().done()).isZero();
            assertThat(told.getLast()).satisfies(last -> {
                assertThat(last.done()).isEqualTo(QUESTIONS);
                assertThat(last.fraction()).isEqualTo(1);
                assertThat(last.figure()).isEqualTo(1);
            });
            TaskOptions cancelling =
                    options().listener(progress -> progress.done() < 3).build();
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> Evaluation.tasks(model, questions(samples), cancelling));
        }
    }

    @Test
    void whatCannotBeAskedIsRefused() {
        try (LlamaModel model = Texts.load(file)) {
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.tasks(model, List.of()))
                    .withMessage("There are no questions");
            Question empty = Question.builder(new int[0]).id("none").answer("x").build();
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.tasks(model, List.of(empty)))
                    .withMessage("Question[none] has an empty prompt");
            Question strange = Question.builder(new int[] {1, 512})
                    .id("strange")
                    .answer("x")
                    .build();
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.tasks(model, List.of(strange)))
                    .withMessageContaining("the token 512 in its prompt");
            assertThatIllegalStateException()
                    .isThrownBy(() -> Question.builder("p").id("bare").build())
                    .withMessage("The question 'bare' needs an answer or a pattern");
        }
    }

    private static TaskOptions.Builder options() {
        return TaskOptions.builder().context(Texts.CPU);
    }
}
