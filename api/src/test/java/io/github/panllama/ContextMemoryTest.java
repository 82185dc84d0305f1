package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextMemoryTest {
    private static final int[] PROMPT = TestModels.prompt(20, 3);

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void aCopiedSequenceGoesOnLikeARecomputedOne(Architecture architecture) {
        for (boolean unified : new boolean[] {false, true}) {
            try (LlamaModel model = TestModels.load(architecture);
                    LlamaContext context = context(model, unified)) {
                int[] expected = TestModels.greedy(context, 1, 0, PROMPT, 16);
                context.memory().clear();
                TestModels.evaluate(context, 0, 0, Arrays.copyOf(PROMPT, 12));
                context.memory().copy(0, 1);
                context.memory().copy(0, 2);
                assertThat(context.memory().maxPosition(1)).isEqualTo(11);
                int[] rest = Arrays.copyOfRange(PROMPT, 12, 20);
                assertThat(TestModels.greedy(context, 1, 12, rest, 16)).isEqualTo(expected);
                // The source and the other copy have not moved.
                assertThat(context.memory().maxPosition(0)).isEqualTo(11);
                context.memory().remove(0);
                assertThat(TestModels.greedy(context, 2, 12, rest, 16)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aPartIsSharedOnlyInAUnifiedCache() {
        try (LlamaModel model = TestModels.llama()) {
            try (LlamaContext split = context(model, false)) {
                TestModels.evaluate(split, 0, 0, PROMPT);
                assertThatThrownBy(() -> split.memory().copy(0, 1, 0, 10))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("unifiedKvCache(true)");
                assertThatThrownBy(() -> split.memory().copy(0, 1, 1, ContextMemory.END))
                        .isInstanceOf(UnsupportedOperationException.class);
                split.memory().copy(0, 1, 0, PROMPT.length); // all of it
                assertThat(split.memory().maxPosition(1)).isEqualTo(19);
            }
            try (LlamaContext unified = context(model, true)) {
                int[] expected = TestModels.greedy(unified, 1, 0, PROMPT, 12);
                unified.memory().clear();
                TestModels.evaluate(unified, 0, 0, PROMPT);
                unified.memory().copy(0, 1, 0, 10);
                assertThat(unified.memory().maxPosition(1)).isEqualTo(9);
                assertThat(TestModels.greedy(unified, 1, 10, Arrays.copyOfRange(PROMPT, 10, 20), 12))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void aTokenSharedBySeveralSequencesIsThePrefixOfEach() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, true);
                Batch batch = context.newBatch()) {
            int[] expected = TestModels.greedy(context, 0, 0, PROMPT, 8);
            context.memory().clear();
            for (int i = 0; i < 12; i++) {
                batch.add(PROMPT[i], i, new int[] {0, 2, 3}, false);
            }
            context.decode(batch);
            int[] rest = Arrays.copyOfRange(PROMPT, 12, 20);
            assertThat(TestModels.greedy(context, 2, 12, rest, 8)).isEqualTo(expected);
            assertThat(TestModels.greedy(context, 3, 12, rest, 8)).isEqualTo(expected);
            assertThat(context.memory().maxPosition(1)).isEqualTo(-1);
        }
    }

    /** llama.cpp would answer that there is no room. */
    @Test
    void aTokenOfSeveralSequencesIsRefusedWhereTheCacheIsNotUnified() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false);
                Batch batch = context.newBatch()) {
            assertThatThrownBy(() -> batch.add(1, 0, new int[] {0, 1}, true))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("unifiedKvCache(true)");
            batch.add(1, 0, new int[] {1}, true);
            context.decode(batch);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theRemovedEndOfASequenceCanBeWrittenAnew(boolean unified) {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, unified)) {
            int[] expected = TestModels.greedy(context, 0, 0, PROMPT, 10);
            assertThat(context.memory().remove(0, 15, ContextMemory.END)).isTrue();
            assertThat(context.memory().maxPosition(0)).isEqualTo(14);
            assertThat(TestModels.greedy(context, 0, 15, Arrays.copyOfRange(PROMPT, 15, 20), 10))
                    .isEqualTo(expected);
            context.memory().remove(0);
            assertThat(context.memory().maxPosition(0)).isEqualTo(-1);
            assertThat(context.memory().minPosition(0)).isEqualTo(-1);
            assertThat(TestModels.greedy(context, 0, 0, PROMPT, 10)).isEqualTo(expected);
        }
    }

    @Test
    void aRecurrentStateCannotLoseAPart() {
        try (LlamaModel model = TestModels.load(Architecture.MAMBA2);
                LlamaContext context = context(model, false)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            for (int[] part : new int[][] {{0, 5}, {3, 10}, {10, 19}, {10, 20}, {10, ContextMemory.END}}) {
                assertThat(context.memory().remove(0, part[0], part[1])).isFalse();
            }
            assertThat(context.memory().remove(0, 4, 4)).as("nothing").isTrue();
            assertThat(context.memory().remove(0, 20, 30))
                    .as("what is not there")
                    .isTrue();
            assertThat(context.memory().maxPosition(0)).isEqualTo(19);
            assertThat(context.memory().remove(0, 0, ContextMemory.END)).isTrue();
            assertThat(context.memory().maxPosition(0)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keepForgetsEveryOtherSequence(boolean unified) {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, unified)) {
            int[] expected = TestModels.greedy(context, 2, 0, PROMPT, 6);
            for (int sequence = 0; sequence < 4; sequence++) {
                context.memory().remove(sequence);
                TestModels.evaluate(context, sequence, 0, PROMPT);
            }
            context.memory().remove(2, 19, ContextMemory.END);
            context.memory().keep(2);
            for (int sequence = 0; sequence < 4; sequence++) {
                assertThat(context.memory().maxPosition(sequence)).isEqualTo(sequence == 2 ? 18 : -1);
            }
            assertThat(TestModels.greedy(context, 2, 19, new int[] {PROMPT[19]}, 6))
                    .isEqualTo(expected);
        }
    }

    /** RoPE knows distances only: a whole sequence moved is the same sequence. */
    @Test
    void aShiftedSequenceGoesOnAsIfItHadStartedThere() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false)) {
            int[] rest = Arrays.copyOfRange(PROMPT, 12, 20);
            TestModels.evaluate(context, 0, 0, Arrays.copyOf(PROMPT, 12));
            float[] expected = TestModels.evaluate(context, 0, 12, rest);
            assertThat(context.memory().canShift()).isTrue();
            context.memory().remove(0, 12, ContextMemory.END);
            context.memory().shift(0, 0, ContextMemory.END, 5);
            assertThat(context.memory().minPosition(0)).isEqualTo(5);
            assertThat(context.memory().maxPosition(0)).isEqualTo(16);
            assertThat(TestModels.distance(TestModels.evaluate(context, 0, 17, rest), expected))
                    .isLessThan(0.01);
        }
    }

    @Test
    void shiftClosesTheGapThatACutLeaves() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            context.memory().remove(0, 4, 8);
            context.memory().shift(0, 8, ContextMemory.END, -4);
            assertThat(context.memory().maxPosition(0)).isEqualTo(15);
            assertThat(TestModels.greedy(context, 0, 16, new int[] {7}, 4)).hasSize(4);
            assertThatThrownBy(() -> context.memory().shift(0, 2, ContextMemory.END, -3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("below 0");
            assertThatThrownBy(() -> context.memory().shift(0, 2, ContextMemory.END, Integer.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void divideMakesPositionsFewer() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            context.memory().divide(0, 0, ContextMemory.END, 2);
            assertThat(context.memory().maxPosition(0)).isEqualTo(9);
            assertThat(TestModels.greedy(context, 0, 10, new int[] {7}, 4)).hasSize(4);
            assertThatThrownBy(() -> context.memory().divide(0, 0, ContextMemory.END, 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aFullContextSaysSoAndGoesOnWhenThereIsRoom() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context =
                        model.newContext(TestModels.context(256).maxSequences(1).build())) {
            int size = context.contextSize();
            int[] all = TestModels.prompt(size, 1);
            TestModels.evaluate(context, 0, 0, all);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> TestModels.evaluate(context, 0, size, 1))
                        .isInstanceOfSatisfying(ContextFullException.class, e -> {
                            assertThat(e.status()).isEqualTo(DecodeStatus.NO_ROOM);
                            assertThat(e).hasMessageContaining(Integer.toString(size));
                        });
                assertThat(context.memory().maxPosition(0)).isEqualTo(size - 1);
            }
            context.memory().remove(0, size - 8, ContextMemory.END);
            int[] after = TestModels.greedy(context, 0, size - 8, new int[] {5}, 7);
            context.memory().clear();
            TestModels.evaluate(context, 0, 0, Arrays.copyOf(all, size - 8));
            assertThat(TestModels.greedy(context, 0, size - 8, new int[] {5}, 7))
                    .isEqualTo(after);
        }
    }

    @Test
    void positionsThatContradictTheMemoryAreRefusedAndChangeNothing() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false)) {
            int[] expected = TestModels.greedy(context, 0, 0, PROMPT, 8);
            context.memory().remove(0, PROMPT.length, ContextMemory.END);
            for (int position : new int[] {0, 5, PROMPT.length - 1, PROMPT.length + 1, 200}) {
                assertThatThrownBy(() -> TestModels.evaluate(context, 0, position, 3))
                        .isInstanceOfSatisfying(
                                DecodeException.class,
                                e -> assertThat(e.status()).isEqualTo(DecodeStatus.INVALID_BATCH));
            }
            assertThat(TestModels.greedy(context, 0, PROMPT.length, new int[] {expected[0]}, 7))
                    .isEqualTo(Arrays.copyOfRange(expected, 1, 8));
        }
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, false)) {
            ContextMemory memory = context.memory();
            for (int sequence : new int[] {-1, 4, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> memory.remove(sequence)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> memory.copy(0, sequence)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> memory.keep(sequence)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> memory.maxPosition(sequence)).isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThatThrownBy(() -> memory.remove(0, -2, 3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.remove(0, 5, 3)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static LlamaContext context(LlamaModel model, boolean unified) {
        return model.newContext(
                TestModels.context(1024).maxSequences(4).unifiedKvCache(unified).build());
    }
}
