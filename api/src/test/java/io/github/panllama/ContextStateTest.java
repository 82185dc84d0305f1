package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContextStateTest {
    private static final int[] PROMPT = TestModels.prompt(24, 8);
    private static final int[] NEXT = {17};
    private static final int COUNT = 16;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void aContextGoesOnFromItsBytesItsFileAndItsStream(Architecture architecture) throws IOException {
        Path file = TestModels.path(architecture + ".state");
        try (LlamaModel model = TestModels.load(architecture);
                LlamaContext context = context(model)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] bytes = context.state().save();
            context.state().save(file);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            context.state().save(stream);
            stream.write('x');
            assertThat((long) bytes.length).isGreaterThan(context.state().sizeInBytes());
            int[] expected = goOn(context, 0);

            context.state().restore(bytes);
            assertThat(goOn(context, 0)).isEqualTo(expected);
            context.memory().clear();
            context.state().restore(file);
            assertThat(goOn(context, 0)).isEqualTo(expected);
            try (LlamaContext other = context(model)) {
                ByteArrayInputStream in = new ByteArrayInputStream(stream.toByteArray());
                other.state().restore(in);
                assertThat(in.read()).as("only the state is read").isEqualTo('x');
                assertThat(goOn(other, 0)).isEqualTo(expected);
            }
        }
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).noneMatch(path -> path.toString().endsWith(".tmp"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void aSequenceGoesOnInAnotherPlaceAndContext(Architecture architecture) {
        try (LlamaModel model = TestModels.load(architecture);
                LlamaContext context = context(model);
                LlamaContext other = context(model)) {
            TestModels.evaluate(context, 2, 0, PROMPT);
            TestModels.evaluate(context, 1, 0, 9, 8, 7);
            byte[] bytes = context.state(2).save();
            int[] expected = goOn(context, 2);
            int[] neighbour = TestModels.greedy(context, 1, 3, NEXT, 4);

            context.memory().remove(1, 3, ContextMemory.END);
            context.state(0).restore(bytes);
            assertThat(goOn(context, 0)).isEqualTo(expected);
            other.state(3).restore(bytes);
            assertThat(other.memory().maxPosition(3)).isEqualTo(PROMPT.length - 1);
            assertThat(goOn(other, 3)).isEqualTo(expected);
            if (!model.isRecurrent()) {
                assertThat(TestModels.greedy(context, 1, 3, NEXT, 4)).isEqualTo(neighbour);
            }
        }
    }

    /** llama.cpp copies, shifts and divides with the next decode: bytes taken before would be those of before. */
    @Test
    void whatTheNextDecodeWillCarryOutIsNotSavedBefore() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] bytes = context.state(0).save();
            int[] expected = goOn(context, 0);
            context.memory().remove(0, PROMPT.length, ContextMemory.END);

            context.memory().copy(0, 1);
            assertUnsettled(context, bytes);
            TestModels.evaluate(context, 3, 0, 1);
            context.state(2).restore(context.state(1).save());
            assertThat(goOn(context, 2)).isEqualTo(expected);

            context.memory().shift(1, 0, ContextMemory.END, 3);
            assertUnsettled(context, bytes);
            TestModels.evaluate(context, 3, 1, 2);
            byte[] shifted = context.state(1).save();
            int[] expectedShifted = TestModels.greedy(context, 1, PROMPT.length + 3, NEXT, COUNT);
            context.state(1).restore(shifted);
            assertThat(TestModels.greedy(context, 1, PROMPT.length + 3, NEXT, COUNT))
                    .isEqualTo(expectedShifted);

            context.memory().divide(1, 0, ContextMemory.END, 2);
            assertUnsettled(context, bytes);
        }
    }

    private static void assertUnsettled(LlamaContext context, byte[] sequence) {
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> context.state(1).save(),
            () -> context.state().save(),
            () -> context.state(0).restore(sequence)
        }) {
            assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("decode before");
        }
    }

    @Test
    void aSharedSequenceOfAUnifiedOrRecurrentMemoryIsSavedAtOnce() {
        for (Architecture architecture : new Architecture[] {Architecture.LLAMA, Architecture.MAMBA2}) {
            try (LlamaModel model = TestModels.load(architecture);
                    LlamaContext context = model.newContext(TestModels.context(1024)
                            .maxSequences(4)
                            .unifiedKvCache(architecture == Architecture.LLAMA)
                            .build())) {
                TestModels.evaluate(context, 0, 0, PROMPT);
                context.memory().copy(0, 1);
                byte[] copy = context.state(1).save();
                int[] expected = goOn(context, 0);
                context.state(2).restore(copy);
                assertThat(goOn(context, 2)).isEqualTo(expected);
            }
        }
    }

    /** Every byte of the frame, and bytes all over the rest. */
    @Test
    void aDamagedStateIsRefusedWhateverByteIsWrong() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] bytes = context.state(0).save();
            int[] expected = goOn(context, 0);
            context.memory().remove(0, PROMPT.length, ContextMemory.END);
            int step = Math.max(1, bytes.length / 200);
            for (int at = 0; at < bytes.length; at += at < 128 || at > bytes.length - 64 ? 1 : step) {
                for (int flip : new int[] {0x01, 0x80, 0xff}) {
                    byte[] damaged = bytes.clone();
                    damaged[at] ^= (byte) flip;
                    assertRefused(context, damaged);
                }
            }
            assertThat(goOn(context, 0)).as("the context is as it was").isEqualTo(expected);
        }
    }

    @Test
    void aStateCutShortIsRefused() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] bytes = context.state(0).save();
            int step = Math.max(1, bytes.length / 200);
            for (int length = 0; length < bytes.length; length += length < 128 ? 1 : step) {
                assertRefused(context, Arrays.copyOf(bytes, length));
            }
            assertRefused(context, Arrays.copyOf(bytes, bytes.length - 1));
        }
    }

    private static void assertRefused(LlamaContext context, byte[] state) {
        assertThatThrownBy(() -> context.state(0).restore(state)).isInstanceOf(InvalidStateException.class);
        assertThat(context.memory().maxPosition(0)).isEqualTo(PROMPT.length - 1);
    }

    @Test
    void aStateOfAnotherModelKindOrOptionsIsRefused() {
        try (LlamaModel model = TestModels.llama();
                LlamaModel foreign = TestModels.load(Architecture.QWEN2);
                LlamaContext context = context(model);
                LlamaContext other = context(foreign);
                LlamaContext otherType = model.newContext(TestModels.context(1024)
                        .maxSequences(4)
                        .kvCacheType(KvCacheType.F32)
                        .build())) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] whole = context.state().save();
            byte[] sequence = context.state(0).save();
            assertThatThrownBy(() -> other.state().restore(whole))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("another model");
            assertThatThrownBy(() -> context.state(0).restore(whole))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("whole context");
            assertThatThrownBy(() -> context.state().restore(sequence))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("of a sequence");
            assertThatThrownBy(() -> otherType.state().restore(whole))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("options differ");
            assertThat(otherType.memory().maxPosition(0)).isEqualTo(-1);
            assertThatThrownBy(() -> otherType.state(1).restore(sequence)).isInstanceOf(InvalidStateException.class);
            assertThat(otherType.memory().maxPosition(1)).isEqualTo(-1);
            assertThat(TestModels.greedy(otherType, 0, 0, PROMPT, 4)).hasSize(4);
        }
    }

    @Test
    void aStateLongerThanTheContextIsRefusedAndAShorterOneFits() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext small =
                        model.newContext(TestModels.context(256).maxSequences(1).build());
                LlamaContext large =
                        model.newContext(TestModels.context(512).maxSequences(1).build())) {
            int[] tokens = TestModels.prompt(400, 1);
            TestModels.evaluate(large, 0, 0, Arrays.copyOf(tokens, 200));
            byte[] fits = large.state(0).save();
            TestModels.evaluate(large, 0, 200, Arrays.copyOfRange(tokens, 200, 400));
            byte[] tooLong = large.state(0).save();
            small.state(0).restore(fits);
            assertThat(small.memory().maxPosition(0)).isEqualTo(199);
            assertThatThrownBy(() -> small.state(0).restore(tooLong)).isInstanceOf(InvalidStateException.class);
            assertThat(small.memory().maxPosition(0)).isEqualTo(-1);
            assertThat(TestModels.greedy(small, 0, 0, PROMPT, 4)).hasSize(4);
        }
    }

    @Test
    void outputsAreNoPartOfAState() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model)) {
            TestModels.evaluate(context, 0, 0, PROMPT);
            Logits before = context.logits(PROMPT.length - 1);
            byte[] bytes = context.state().save();
            assertThat(before.get(0)).as("saving leaves them").isFinite();
            context.state().restore(bytes);
            assertThatThrownBy(() -> before.get(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> context.logits(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** A conversation may outlive the file that its model was loaded from. */
    @Test
    void statesCanBeSavedAfterTheModelsFileIsGone() throws IOException {
        Path file = Files.copy(TestModels.file(Architecture.LLAMA), TestModels.path("gone.gguf"));
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                LlamaContext context = context(model)) {
            Files.delete(file);
            TestModels.evaluate(context, 0, 0, PROMPT);
            byte[] bytes = context.state(0).save();
            int[] expected = goOn(context, 0);
            context.state(0).restore(bytes);
            assertThat(goOn(context, 0)).isEqualTo(expected);
        }
    }

    private static int[] goOn(LlamaContext context, int sequence) {
        return TestModels.greedy(context, sequence, PROMPT.length, NEXT, COUNT);
    }

    private static LlamaContext context(LlamaModel model) {
        return model.newContext(TestModels.context(1024).maxSequences(4).build());
    }
}
