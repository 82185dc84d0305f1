package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogprobsTest {
    private static LlamaModel model;
    private static LlamaContext context;

    @BeforeAll
    static void open() {
        model = TestModels.llama();
        context = model.newContext(TestModels.context(64).build());
        TestModels.evaluate(context, 0, 0, TestModels.prompt(8, 3));
    }

    @AfterAll
    static void close() {
        context.close();
        model.close();
    }

    /** The logarithms of the softmax, in another way: the exponentials of all, added up from the smallest. */
    private static double[] logSoftmax(float[] logits) {
        double max = IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i])
                .max()
                .orElseThrow();
        double sum = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i] - max))
                .sorted()
                .sum();
        return IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i] - max - Math.log(sum))
                .toArray();
    }

    private static List<Integer> likeliest(float[] logits, int count) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer token) -> -logits[token])
                        .thenComparing(Comparator.naturalOrder()))
                .limit(count)
                .toList();
    }

    private static void check(TokenLogprob actual, float[] logits, int token, int count) {
        double[] expected = logSoftmax(logits);
        assertThat(actual.token()).isEqualTo(token);
        assertThat(actual.logprob()).isCloseTo(expected[token], within(1e-5));
        assertThat(actual.alternatives().stream().map(TokenLogprob.Alternative::token))
                .isEqualTo(likeliest(logits, count));
        actual.alternatives()
                .forEach(each -> assertThat(each.logprob()).isCloseTo(expected[each.token()], within(1e-5)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 100, TestModels.VOCABULARY})
    void theyAreThoseOfTheSoftmax(int count) {
        Logits logits = context.logits(7);
        float[] scores = logits.toArray();
        for (int token : new int[] {0, TestModels.argmax(scores), TestModels.VOCABULARY - 1}) {
            check(logits.logprob(token, count), scores, token, count);
        }
        assertThat(logits.toArray()).isEqualTo(scores);
    }

    @Test
    void ofEqualsTheSmallestIdsAreFirst() {
        float[] logits = {1, 3, 2, 3, 3, 2, 2, 3};
        for (int count = 0; count <= logits.length; count++) {
            check(logprob(logits, 6, count), logits, 6, count);
        }
    }

    @Test
    void largeAndForbiddenLogitsDoNotOverflow() {
        for (float[] logits : new float[][] {
            {Float.MAX_VALUE, Float.MAX_VALUE, 0},
            {-Float.MAX_VALUE, -Float.MAX_VALUE, -Float.MAX_VALUE},
            {Float.NEGATIVE_INFINITY, 88, 89, Float.NEGATIVE_INFINITY, 1000},
            {-1000, -999, -998},
            random(20_000)
        }) {
            check(logprob(logits, 1, 3), logits, 1, 3);
        }
        assertThat(logprob(new float[] {Float.NEGATIVE_INFINITY, 1}, 0, 1).logprob())
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    private static float[] random(int length) {
        Random random = new Random(5);
        float[] logits = new float[length];
        for (int i = 0; i < length; i++) {
            logits[i] = 30 * (float) random.nextGaussian();
        }
        return logits;
    }

    @Test
    void whatIsNoNumberIsRefused() {
        for (float[] logits : new float[][] {
            {1, Float.NaN},
            {Float.POSITIVE_INFINITY, 1},
            {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}
        }) {
            assertThat(status(logits, 0, 1)).isEqualTo(LlamaC.PANLLAMA_FAILED());
            assertThat(Natives.lastError()).contains("not numbers");
        }
        for (int[] wrong : new int[][] {{-1, 0}, {2, 0}, {0, -1}, {0, 3}}) {
            assertThat(status(new float[] {1, 2}, wrong[0], wrong[1])).isEqualTo(LlamaC.PANLLAMA_FAILED());
        }
        Logits logits = context.logits(7);
        assertThatThrownBy(() -> logits.logprob(TestModels.VOCABULARY, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("token is 512");
        assertThatThrownBy(() -> logits.logprob(0, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count is -1");
        assertThatThrownBy(() -> logits.logprob(0, TestModels.VOCABULARY + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count is 513");
    }

    private static int status(float[] logits, int token, int count) {
        try (Arena arena = Arena.ofConfined()) {
            return call(arena, logits, token, count, arena.allocate(8), arena.allocate(32), arena.allocate(64));
        }
    }

    private static int call(
            Arena arena,
            float[] logits,
            int token,
            int count,
            MemorySegment logprob,
            MemorySegment tokens,
            MemorySegment logprobs) {
        MemorySegment scores = arena.allocateFrom(ValueLayout.JAVA_FLOAT, logits);
        return LlamaC.panllama_logprobs(scores, logits.length, token, count, logprob, tokens, logprobs);
    }

    /** For logits that no model gives. */
    private static TokenLogprob logprob(float[] logits, int token, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logprob = arena.allocate(ValueLayout.JAVA_DOUBLE);
            MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, count));
            MemorySegment logprobs = arena.allocate(ValueLayout.JAVA_DOUBLE, Math.max(1, count));
            assertThat(call(arena, logits, token, count, logprob, tokens, logprobs))
                    .isEqualTo(LlamaC.PANLLAMA_OK());
            List<TokenLogprob.Alternative> alternatives = IntStream.range(0, count)
                    .mapToObj(i -> new TokenLogprob.Alternative(
                            tokens.getAtIndex(ValueLayout.JAVA_INT, i),
                            logprobs.getAtIndex(ValueLayout.JAVA_DOUBLE, i)))
                    .toList();
            return new TokenLogprob(token, logprob.get(ValueLayout.JAVA_DOUBLE, 0), alternatives);
        }
    }
}
