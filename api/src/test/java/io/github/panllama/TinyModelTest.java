package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundled model answers, and what must break it does. */
class TinyModelTest {
    /** The controls ask one question in so many: they answer one after the other. */
    private static final int EVERY = 8;

    private static final double EACH_SKILL = 0.95;
    private static final double ALL_SKILLS = 0.98;
    private static final int CHUNK = 4;
    private static final String THOUGHT = "</think>";
    private static final int MOST_TOKENS = 150;

    private static LlamaModel model;
    private static List<Question> questions;

    @BeforeAll
    static void load() throws IOException {
        model = LlamaModel.load(TinyModel.path());
        questions = QuestionFile.read(TinyModel.questions(), model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void itAnswersWhatItNeverSaw() {
        TaskReport report = Evaluation.tasks(model, questions);
        assertThat(report.skills().values()).hasSizeGreaterThanOrEqualTo(8).allSatisfy(score -> {
            assertThat(score.total()).isGreaterThanOrEqualTo(200);
            assertThat(score.accuracy()).isGreaterThanOrEqualTo(EACH_SKILL);
        });
        assertThat(report.accuracy()).isGreaterThanOrEqualTo(ALL_SKILLS);
    }

    @Test
    void oneAtATimeAndManyTogetherGiveTheSameTexts() {
        List<Question> some = sample();
        assertThat(texts(TaskOptions.builder().sequences(1).build(), some))
                .isEqualTo(texts(TaskOptions.builder().sequences(32).build(), some));
    }

    private static List<String> texts(TaskOptions options, List<Question> asked) {
        return Evaluation.tasks(model, asked, options).results().stream()
                .map(TaskResult::text)
                .toList();
    }

    @Test
    void aKvCacheOf8BitsKeepsTheAccuracy() {
        TaskOptions options = TaskOptions.builder()
                .context(context -> context.kvCacheType(KvCacheType.Q8_0).flashAttention(FlashAttention.ENABLED))
                .build();
        double full = Evaluation.tasks(model, questions).accuracy();
        assertThat(Evaluation.tasks(model, questions, options).accuracy()).isGreaterThanOrEqualTo(full - 0.01);
    }

    /** Also shows that the loop of the controls is right where nothing is broken. */
    @Test
    void withNothingBrokenTheControlsAnswerRight() {
        assertThat(accuracy(prompt -> prompt, TinyModelTest::prefill)).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void aWrongTemplateIsSeen() {
        UnaryOperator<String> plain = prompt -> prompt.replaceAll("<｜(begin|end)▁of▁sentence｜>|</?think>", "")
                .replace("<｜User｜>", "\nUser: ")
                .replace("<｜Assistant｜>", "\nAssistant: ");
        assertThat(accuracy(plain, TinyModelTest::prefill)).isLessThan(0.9);
    }

    @Test
    void oneLostKvCellIsSeen() {
        assertThat(accuracy(prompt -> prompt, TinyModelTest::prefillAndLoseACell))
                .isLessThan(0.9);
    }

    @Test
    void positionsThatAreOffByOneAreSeen() {
        assertThat(accuracy(prompt -> prompt, TinyModelTest::prefillInChunksThatOverlap))
                .isLessThan(0.9);
    }

    /** Computes all tokens of a prompt but the last, and says at which position that one goes. */
    @FunctionalInterface
    private interface Prefill {
        int compute(LlamaContext context, Batch batch, int[] prompt);
    }

    private static int prefill(LlamaContext context, Batch batch, int[] prompt) {
        batch.addAll(prompt, 0, prompt.length - 1, 0, 0, false);
        context.decode(batch);
        return prompt.length - 1;
    }

    /** The cell in the middle of the last turn. */
    private static int prefillAndLoseACell(LlamaContext context, Batch batch, int[] prompt) {
        int next = prefill(context, batch, prompt);
        int user = model.tokenizer().encode("<｜User｜>", false, true)[0];
        int turn = prompt.length - 1;
        while (prompt[turn] != user) {
            turn--;
        }
        int middle = (turn + prompt.length - 2) / 2;
        assertThat(context.memory().remove(0, middle, middle + 1)).isTrue();
        return next;
    }

    /** Each chunk begins at the position where the one before it ended, instead of one after it. */
    private static int prefillInChunksThatOverlap(LlamaContext context, Batch batch, int[] prompt) {
        int position = 0;
        for (int from = 0; from < prompt.length - 1; from += CHUNK) {
            int to = Math.min(from + CHUNK, prompt.length - 1);
            batch.clear();
            batch.addAll(prompt, from, to, position, 0, false);
            context.decode(batch);
            int last = position + to - from - 1;
            // llama.cpp refuses a position that is taken: so what was computed makes room.
            context.memory().shift(0, last, last + 1, -1);
            position = last;
        }
        return position;
    }

    /** Of a sample, as a user's own greedy loop would get it. */
    private static double accuracy(UnaryOperator<String> change, Prefill prefill) {
        List<Question> asked = sample();
        int right = 0;
        ContextOptions options = ContextOptions.builder()
                .contextSize(model.trainingContextSize())
                .batchSize(model.trainingContextSize())
                .threads(1)
                .build();
        try (LlamaContext context = model.newContext(options);
                Batch batch = context.newBatch()) {
            for (Question question : asked) {
                String prompt = change.apply(question.prompt().orElseThrow());
                String text = generate(context, batch, model.tokenizer().encode(prompt, false, true), prefill);
                String answer = text.substring(
                        text.lastIndexOf(THOUGHT) < 0 ? 0 : text.lastIndexOf(THOUGHT) + THOUGHT.length());
                right += answer.equals(question.answer().orElseThrow()) ? 1 : 0;
            }
        }
        return (double) right / asked.size();
    }

    private static String generate(LlamaContext context, Batch batch, int[] prompt, Prefill prefill) {
        context.memory().clear();
        batch.clear();
        int position = prefill.compute(context, batch, prompt);
        int token = prompt[prompt.length - 1];
        List<Integer> said = new ArrayList<>();
        while (said.size() < MOST_TOKENS && position < model.trainingContextSize()) {
            batch.clear();
            batch.add(token, position++, 0, true);
            context.decode(batch);
            token = context.logits(0).argmax();
            if (model.tokenizer().isEndOfGeneration(token)) {
                break;
            }
            said.add(token);
        }
        return model.tokenizer()
                .decode(said.stream().mapToInt(Integer::intValue).toArray(), true);
    }

    private static List<Question> sample() {
        return IntStream.range(0, questions.size())
                .filter(i -> i % EVERY == 0)
                .mapToObj(questions::get)
                .toList();
    }
}
