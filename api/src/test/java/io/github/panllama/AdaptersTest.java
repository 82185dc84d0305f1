package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdaptersTest {
    private static final int[] PROMPT = TestModels.prompt(16, 2);

    private LlamaModel model;
    private LlamaContext context;
    private float[] plain;

    @BeforeEach
    void open() {
        model = TestModels.llama();
        context = model.newContext(TestModels.context(256).build());
        plain = logits();
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    private float[] logits() {
        context.memory().clear();
        return TestModels.evaluate(context, 0, 0, PROMPT);
    }

    @Test
    void adaptersChangeTheOutputByTheirScaleAndCanBeSwapped() throws IOException {
        try (LoraAdapter first = LoraAdapter.load(model, TestModels.lora(1));
                LoraAdapter second = LoraAdapter.load(model, TestModels.lora(2))) {
            assertThat(first.file()).isEqualTo(TestModels.path("lora-1.gguf"));
            context.setAdapters(Map.of(first, 1f));
            float[] withFirst = logits();
            assertThat(withFirst).isNotEqualTo(plain);
            context.setAdapters(Map.of(first, 0.25f));
            float[] withLess = logits();
            assertThat(withLess).isNotEqualTo(plain).isNotEqualTo(withFirst);
            assertThat(TestModels.distance(withLess, plain)).isLessThan(TestModels.distance(withFirst, plain));
            context.setAdapters(Map.of(first, 0f));
            assertThat(logits()).isEqualTo(plain);
            context.setAdapters(Map.of(second, 1f));
            float[] withSecond = logits();
            assertThat(withSecond).isNotEqualTo(withFirst).isNotEqualTo(plain);
            context.setAdapters(Map.of(first, 0.5f, second, 0.5f));
            assertThat(logits()).isNotEqualTo(withFirst).isNotEqualTo(withSecond);
            context.setAdapters(Map.of(first, 1f));
            assertThat(logits()).isEqualTo(withFirst);
            context.setAdapters(Map.of());
            assertThat(logits()).isEqualTo(plain);
        }
    }

    @Test
    void swappingLeavesTheMemoryAndOtherContextsAsTheyAre() throws IOException {
        try (LoraAdapter adapter = LoraAdapter.load(model, TestModels.lora(1));
                LlamaContext other = model.newContext(TestModels.context(256).build())) {
            logits();
            context.setAdapters(Map.of(adapter, 1f));
            assertThat(context.memory().maxPosition(0)).isEqualTo(PROMPT.length - 1);
            assertThat(TestModels.evaluate(context, 0, PROMPT.length, 5)).hasSize(TestModels.VOCABULARY);
            assertThat(TestModels.evaluate(other, 0, 0, PROMPT)).isEqualTo(plain);
        }
    }

    @Test
    void adaptersThatDoNotFitAreRefused() throws IOException {
        Path lora = TestModels.lora(1);
        try (LlamaModel qwen = TestModels.load(Architecture.QWEN2);
                LlamaModel same = TestModels.llama();
                LoraAdapter ofSame = LoraAdapter.load(same, lora)) {
            assertThatThrownBy(() -> LoraAdapter.load(qwen, lora))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("\"llama\"")
                    .hasMessageContaining("\"qwen2\"");
            assertThatThrownBy(() -> context.setAdapters(Map.of(ofSame, 1f)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another model");
            assertThatThrownBy(() -> LoraAdapter.load(model, TestModels.file(Architecture.LLAMA)))
                    .isInstanceOf(ModelLoadException.class);
            assertThatThrownBy(() -> LoraAdapter.load(model, TestModels.path("none.gguf")))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("no such file");
        }
        try (LoraAdapter adapter = LoraAdapter.load(model, lora)) {
            for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                assertThatThrownBy(() -> context.setAdapters(Map.of(adapter, scale)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThat(logits()).isEqualTo(plain);
    }

    /** The matrices of a pair for one tensor of the mixture of experts, all numbers the same. */
    private static Path pair(Architecture architecture, String tensor, long[] first, long[] second) throws IOException {
        Path file = TestModels.path("pair.gguf");
        new GgufWriter()
                .put("general.architecture", architecture.ggufName())
                .put("general.type", "adapter")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", 4f)
                .tensor(tensor + ".lora_a", GgmlType.F32, (_, row) -> Arrays.fill(row, 0.1f), first)
                .tensor(tensor + ".lora_b", GgmlType.F32, (_, row) -> Arrays.fill(row, 0.1f), second)
                .write(file);
        return file;
    }

    @Test
    void expertsAreChangedByAMatrixEach() throws IOException {
        String tensor = "blk.1.ffn_up_exps.weight";
        Architecture kind = Architecture.QWEN3MOE;
        GgufTensor base = GgufFile.read(TestModels.file(kind)).tensor(tensor).orElseThrow();
        long in = base.shape().get(0);
        long out = base.shape().get(1);
        long experts = base.shape().get(2);
        try (LlamaModel mixture = TestModels.load(kind);
                LlamaContext its = mixture.newContext(TestModels.context(256).build())) {
            float[] before = TestModels.evaluate(its, 0, 0, PROMPT);
            Path stacked = pair(kind, tensor, new long[] {in, 4, experts}, new long[] {4, out, experts});
            try (LoraAdapter adapter = LoraAdapter.load(mixture, stacked)) {
                its.setAdapters(Map.of(adapter, 1f));
                its.memory().clear();
                assertThat(TestModels.evaluate(its, 0, 0, PROMPT)).isNotEqualTo(before);
                its.setAdapters(Map.of());
            }
            long[][][] wrong = {
                {{in, 4}, {4, out}},
                {{in, 4, experts - 1}, {4, out, experts - 1}},
                {{in, 4, experts}, {4, out}}
            };
            for (long[][] shapes : wrong) {
                assertThatThrownBy(() -> LoraAdapter.load(mixture, pair(kind, tensor, shapes[0], shapes[1])))
                        .isInstanceOf(ModelLoadException.class)
                        .hasMessageContaining("must have as many matrices as " + tensor);
            }
        }
    }

    @Test
    void embeddingsAreChangedWhereTheyAreNotTheOutputToo() throws IOException {
        String tensor = "token_embd.weight";
        long width = model.hiddenSize();
        assertThat(model.modelFiles().hasTensor("output.weight")).isTrue();
        long[] first = {4, TestModels.VOCABULARY};
        try (LoraAdapter adapter =
                LoraAdapter.load(model, pair(Architecture.LLAMA, tensor, first, new long[] {4, width}))) {
            context.setAdapters(Map.of(adapter, 1f));
            assertThat(logits()).isNotEqualTo(plain);
            context.setAdapters(Map.of());
        }
        assertThatThrownBy(() ->
                        LoraAdapter.load(model, pair(Architecture.LLAMA, tensor, first, new long[] {3, width})))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("the ranks of the pair for token_embd.weight are 4 and 3");
        Path tied = TestModels.path("tied.gguf");
        SyntheticModel.builder(Architecture.LLAMA).tiedEmbeddings(true).write(tied);
        try (LlamaModel other = LlamaModel.load(tied, TestModels.cpu().build())) {
            assertThatThrownBy(() -> LoraAdapter.load(
                            other, pair(Architecture.LLAMA, tensor, first, new long[] {4, other.hiddenSize()})))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("which is the output of the model as well");
        }
    }

    @Test
    void aControlVectorPushesAndNullRemovesIt() {
        ControlVector vector = ControlVector.of(directions(model.layers() - 1, model.hiddenSize()), 1, 1);
        context.setControlVector(vector);
        float[] pushed = logits();
        assertThat(pushed).isNotEqualTo(plain);
        context.setControlVector(vector.scaled(2));
        assertThat(logits()).isNotEqualTo(pushed).isNotEqualTo(plain);
        context.setControlVector(vector);
        assertThat(logits()).isEqualTo(pushed);
        context.setControlVector(vector.scaled(0));
        assertThat(TestModels.distance(logits(), plain)).isLessThan(1e-4);
        context.setControlVector(null);
        assertThat(logits()).isEqualTo(plain);
    }

    @Test
    void aControlVectorComesFromAFile() throws IOException {
        float[][] directions = directions(1, model.hiddenSize());
        Path file = TestModels.path("control.gguf");
        new GgufWriter()
                .put("general.architecture", "controlvector")
                .tensor(
                        "direction.1",
                        GgmlType.F32,
                        (row, target) -> System.arraycopy(directions[0], 0, target, 0, target.length),
                        model.hiddenSize())
                .write(file);
        ControlVector loaded = ControlVector.load(file);
        assertThat(loaded.firstLayer()).isEqualTo(1);
        assertThat(loaded.lastLayer()).isEqualTo(1);
        context.setControlVector(ControlVector.of(directions, 1, 1));
        float[] expected = logits();
        context.setControlVector(loaded);
        assertThat(logits()).isEqualTo(expected);
        assertThatThrownBy(() -> ControlVector.load(TestModels.file(Architecture.LLAMA)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("no directions");
    }

    @Test
    void aControlVectorThatDoesNotFitIsRefused() {
        int width = model.hiddenSize();
        ControlVector wide = ControlVector.of(directions(1, width + 1), 1, 1);
        assertThatThrownBy(() -> context.setControlVector(wide))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(width + 1));
        // A model of two layers has the layers 0, which has no direction, and 1.
        ControlVector deep = ControlVector.of(directions(model.layers(), width), 1, model.layers());
        assertThatThrownBy(() -> context.setControlVector(deep)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ControlVector.of(directions(2, width), 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ControlVector.of(directions(2, width), 2, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ControlVector.of(new float[0][], 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(logits()).isEqualTo(plain);
    }

    private static float[][] directions(int layers, int width) {
        Random random = new Random(5);
        float[][] directions = new float[layers][width];
        for (float[] direction : directions) {
            for (int i = 0; i < width; i++) {
                direction[i] = (float) random.nextGaussian();
            }
        }
        return directions;
    }
}
