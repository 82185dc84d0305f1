package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelLoadTest {
    private static final int[] PROMPT = TestModels.prompt(16, 4);

    private static float[] evaluate(List<Path> files, ModelOptions options) {
        try (LlamaModel model = LlamaModel.load(files, options);
                LlamaContext context = model.newContext(TestModels.context(64).build())) {
            return TestModels.evaluate(context, 0, 0, PROMPT);
        }
    }

    private static float[] evaluate(Architecture architecture, ModelOptions options) {
        return evaluate(List.of(TestModels.file(architecture)), options);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void theModelSaysWhatItsFileSays(Architecture architecture) throws IOException {
        GgufFile file = GgufFile.read(TestModels.file(architecture));
        try (LlamaModel model = TestModels.load(architecture)) {
            assertThat(model.architecture()).isEqualTo(architecture.ggufName());
            assertThat(model.files()).containsExactly(file.path());
            assertThat(model.parameterCount()).isEqualTo(file.parameters());
            assertThat(model.sizeInBytes()).isPositive();
            assertThat(model.description()).startsWith(architecture.ggufName());
            assertThat(model.fileType()).contains("F32");
            assertThat(model.vocabularySize()).isEqualTo(TestModels.VOCABULARY);
            assertThat(model.layers()).isEqualTo(2);
            assertThat(model.hiddenSize()).isEqualTo(64);
            assertThat(model.trainingContextSize()).isEqualTo(architecture == Architecture.BERT ? 512 : 2048);
            assertThat(model.isRecurrent()).isEqualTo(architecture == Architecture.MAMBA2);
            assertThat(model.isHybrid()).isFalse();
            assertThat(model.isDiffusion()).isFalse();
            assertThat(model.chatTemplate().isPresent()).isEqualTo(!architecture.isEncoder());
            assertThat(model.chatTemplate("none")).isEmpty();
            assertThat(model.classifierLabels()).isEmpty();
            assertThat(model.metadata("general.architecture")).hasValue(architecture.ggufName());
            assertThat(model.metadata("no.such.key")).isEmpty();
            assertThat(model.metadata())
                    .containsEntry(architecture.ggufName() + ".block_count", "2")
                    .containsEntry("general.name", file.metadata().string("general.name", ""));
            assertThat(model.toString()).contains(architecture.ggufName());
        }
    }

    @Test
    void everyLoadModeGivesTheSameModel() {
        float[] expected = evaluate(Architecture.QWEN2, TestModels.cpu().build());
        for (LoadMode mode : LoadMode.values()) {
            assertThat(evaluate(
                            Architecture.QWEN2, TestModels.cpu().loadMode(mode).build()))
                    .as(mode.name())
                    .isEqualTo(expected);
        }
        assertThat(evaluate(
                        Architecture.QWEN2, TestModels.cpu().checkTensors(true).build()))
                .isEqualTo(expected);
        float[] plain = evaluate(
                Architecture.QWEN2, TestModels.cpu().repackWeights(false).build());
        assertThat(TestModels.distance(plain, expected)).isLessThan(1e-4);
    }

    @Test
    void weightsThatAreNotNumbersAreFoundWhereAsked() throws IOException {
        Path damaged = TestModels.path("nan.gguf");
        GgufFile file = GgufFile.read(TestModels.file(Architecture.LLAMA));
        byte[] bytes = Files.readAllBytes(file.path());
        long at = file.dataOffset()
                + file.tensor("blk.0.ffn_up.weight").orElseThrow().offset()
                + 400;
        bytes[(int) at + 2] = (byte) 0xc0;
        bytes[(int) at + 3] = 0x7f;
        Files.write(damaged, bytes);
        LlamaModel.load(damaged, TestModels.cpu().build()).close();
        ModelOptions checking = TestModels.cpu().checkTensors(true).build();
        assertThatThrownBy(() -> LlamaModel.load(damaged, checking))
                .isInstanceOfSatisfying(ModelLoadException.class, e -> {
                    assertThat(e).hasMessageContaining("nan.gguf");
                    assertThat(String.join("\n", e.nativeLog())).contains("blk.0.ffn_up.weight");
                });
    }

    @Test
    void aVocabularyAloneTokenizesAndComputesNothing() {
        ModelOptions options = TestModels.cpu().vocabularyOnly(true).build();
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.LLAMA), options)) {
            assertThat(model.tokenizer().decode(model.tokenizer().encode("some text")))
                    .isEqualTo("some text");
            assertThatThrownBy(() -> model.newContext())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("vocabulary only");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"QWEN3MOE", "DEEPSEEK2"})
    void fewerOrMoreActiveExpertsChangeTheOutput(Architecture architecture) {
        float[] trained = evaluate(architecture, TestModels.cpu().build());
        assertThat(evaluate(architecture, TestModels.cpu().activeExperts(2).build()))
                .isEqualTo(trained);
        assertThat(evaluate(architecture, TestModels.cpu().activeExperts(1).build()))
                .isNotEqualTo(trained);
        assertThat(evaluate(architecture, TestModels.cpu().activeExperts(8).build()))
                .isNotEqualTo(trained);
        ModelOptions tooMany = TestModels.cpu().activeExperts(9).build();
        assertThatThrownBy(() -> evaluate(architecture, tooMany))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1, 8]");
        ModelOptions byKey = TestModels.cpu()
                .metadata(architecture.ggufName() + ".expert_used_count", 9)
                .build();
        assertThatThrownBy(() -> evaluate(architecture, byKey)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void activeExpertsOfAModelWithoutExpertsAreRefused() {
        ModelOptions options = TestModels.cpu().activeExperts(1).build();
        assertThatThrownBy(() -> evaluate(Architecture.LLAMA, options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no experts");
    }

    @Test
    void expertsOnTheCpuComputeTheSame() {
        float[] expected = evaluate(Architecture.QWEN3MOE, TestModels.cpu().build());
        assertThat(evaluate(
                        Architecture.QWEN3MOE, TestModels.cpu().expertsOnCpu().build()))
                .isEqualTo(expected);
        Device cpu = Device.all().stream()
                .filter(device -> device.type() == DeviceType.CPU)
                .findFirst()
                .orElseThrow();
        assertThat(evaluate(
                        Architecture.QWEN3MOE,
                        TestModels.cpu().placeTensors("ffn_.*", cpu).build()))
                .isEqualTo(expected);
    }

    @Test
    void metadataOfEveryKindCanBeReplacedForALoad() {
        ModelOptions options = TestModels.cpu()
                .metadata("general.name", "another name")
                .metadata("llama.context_length", 4096)
                .metadata("llama.rope.freq_base", 20_000.5)
                .metadata("tokenizer.ggml.add_bos_token", false)
                .build();
        float[] expected = evaluate(Architecture.LLAMA, TestModels.cpu().build());
        assertThat(evaluate(Architecture.LLAMA, options)).as("another base").isNotEqualTo(expected);
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.LLAMA), options)) {
            assertThat(model.trainingContextSize()).isEqualTo(4096);
            assertThat(model.tokenizer().addsBeginOfText()).isFalse();
            assertThat(model.metadata("general.name")).hasValue("another name");
            assertThat(model.metadata("llama.context_length")).hasValue("4096");
            assertThat(model.metadata())
                    .containsEntry("llama.rope.freq_base", "20000.500000")
                    .containsEntry("tokenizer.ggml.add_bos_token", "false");
        }
        ModelOptions experts = TestModels.cpu().activeExperts(3).build();
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.QWEN3MOE), experts)) {
            assertThat(model.metadata("qwen3moe.expert_used_count")).hasValue("3");
        }
    }

    /** llama.cpp would log a warning and load with the old value. */
    @Test
    void metadataOfAnotherKindThanTheFilesIsRefused() {
        for (ModelOptions options : List.of(
                TestModels.cpu().metadata("llama.context_length", "4096").build(),
                TestModels.cpu().metadata("llama.rope.freq_base", 20_000).build(),
                TestModels.cpu().metadata("general.name", true).build(),
                TestModels.cpu().metadata("tokenizer.ggml.add_bos_token", 1).build(),
                TestModels.cpu().metadata("tokenizer.ggml.tokens", "a").build())) {
            assertThatThrownBy(() -> LlamaModel.load(TestModels.file(Architecture.LLAMA), options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("in the file it is of type");
        }
    }

    @Test
    void progressRisesToOne() {
        List<Float> fractions = new ArrayList<>();
        ModelOptions options = TestModels.cpu()
                .progress(fraction -> {
                    fractions.add(fraction);
                    return true;
                })
                .build();
        LlamaModel.load(TestModels.file(Architecture.LLAMA), options).close();
        assertThat(fractions).isNotEmpty().isSorted();
        assertThat(fractions.getLast()).isEqualTo(1f);
        assertThat(fractions.getFirst()).isBetween(0f, 1f);
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 0.5f, 1})
    void aListenerCanCancelTheLoadAtAnyTime(float from) {
        ModelOptions options =
                TestModels.cpu().progress(fraction -> fraction < from).build();
        assertThatThrownBy(() -> LlamaModel.load(TestModels.file(Architecture.LLAMA), options))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("llama.gguf");
    }

    @Test
    void whatAListenerThrowsIsThrown() {
        for (Throwable thrown : List.of(new IllegalStateException("mine"), new AssertionError("mine"))) {
            ModelOptions options = TestModels.cpu()
                    .progress(fraction -> {
                        if (thrown instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) thrown;
                    })
                    .build();
            assertThatThrownBy(() -> LlamaModel.load(TestModels.file(Architecture.LLAMA), options))
                    .isSameAs(thrown);
        }
        LlamaModel.load(TestModels.file(Architecture.LLAMA), TestModels.cpu().build())
                .close();
    }

    @Test
    void aModelInPartsLoadsByItsFirstOrByAll() throws IOException {
        float[] expected = evaluate(Architecture.QWEN3MOE, TestModels.cpu().build());
        List<Path> parts = split(TestModels.file(Architecture.QWEN3MOE), "part", 3);
        assertThat(evaluate(parts, TestModels.cpu().build())).isEqualTo(expected);
        assertThat(evaluate(parts.subList(0, 1), TestModels.cpu().build())).isEqualTo(expected);
        try (LlamaModel model =
                LlamaModel.load(parts.getFirst(), TestModels.cpu().build())) {
            assertThat(model.files()).isEqualTo(parts);
        }
        List<Path> renamed = new ArrayList<>();
        for (Path part : parts) {
            renamed.add(Files.copy(part, TestModels.path("renamed-" + renamed.size() + ".gguf")));
        }
        assertThat(evaluate(renamed, TestModels.cpu().build())).isEqualTo(expected);
    }

    @Test
    void partsThatAreMissingDamagedOrMisplacedAreRefusedByName() throws IOException {
        List<Path> parts = split(TestModels.file(Architecture.QWEN3MOE), "broken", 3);
        assertRefused(parts.subList(1, 2), "broken-00002-of-00003.gguf");
        assertRefused(parts.subList(0, 2), "broken-00001-of-00003.gguf");
        assertRefused(List.of(parts.get(0), parts.get(2), parts.get(1)), "broken");
        byte[] whole = Files.readAllBytes(parts.get(1));
        Files.write(parts.get(1), Arrays.copyOf(whole, whole.length / 2));
        assertRefused(parts.subList(0, 1), "broken-00002-of-00003.gguf");
        Files.delete(parts.get(1));
        assertRefused(parts.subList(0, 1), "broken-00002-of-00003.gguf");
        Path alone = Files.copy(parts.getFirst(), TestModels.path("a-first-part.gguf"));
        assertRefused(List.of(alone), "a-first-part.gguf");
    }

    private static void assertRefused(List<Path> files, String name) {
        assertThatThrownBy(() -> LlamaModel.load(files, TestModels.cpu().build()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(name);
    }

    /** Writes a model in parts, as gguf-split does: the metadata in the first, the tensors in turn. */
    private static List<Path> split(Path file, String name, int count) throws IOException {
        GgufFile whole = GgufFile.read(file);
        List<GgufTensor> tensors = whole.tensors();
        List<Path> paths = new ArrayList<>();
        for (int part = 0; part < count; part++) {
            GgufWriter writer = new GgufWriter();
            if (part == 0) {
                writer.putAll(whole.metadata());
            }
            writer.put("split.no", new GgufValue.Whole(GgufType.UINT16, part))
                    .put("split.count", new GgufValue.Whole(GgufType.UINT16, count))
                    .put("split.tensors.count", GgufValue.int32(tensors.size()));
            int from = tensors.size() * part / count;
            int to = tensors.size() * (part + 1) / count;
            for (GgufTensor tensor : tensors.subList(from, to)) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.tensor(tensor.name(), tensor.type(), whole.source(tensor), shape);
            }
            Path path = TestModels.path("%s-%05d-of-%05d.gguf".formatted(name, part + 1, count));
            writer.write(path);
            paths.add(path);
        }
        return paths;
    }

    @Test
    void whatIsNoModelIsRefusedByName() throws IOException {
        Path text = Files.writeString(TestModels.path("text.gguf"), "no model");
        assertRefused(List.of(text), "text.gguf");
        assertRefused(List.of(TestModels.path("nothing-here.gguf")), "there is no such file");
        assertRefused(List.of(text.getParent()), "it is a folder");
        assertRefused(List.of(TestModels.lora(1)), "lora-1.gguf");
        assertThatThrownBy(() -> LlamaModel.load(List.of(), ModelOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void modelsLoadAndComputeSideBySide() throws Exception {
        int[] expected = generate(TestModels.file(Architecture.LLAMA));
        Path other = TestModels.path("seed-2.gguf");
        SyntheticModel.builder(Architecture.LLAMA).seed(2).write(other);
        int[] otherExpected = generate(other);
        assertThat(otherExpected).isNotEqualTo(expected);
        List<Thread> threads = new ArrayList<>();
        List<int[]> results = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 2; i++) {
            threads.add(Thread.ofPlatform()
                    .start(() -> IntStream.range(0, 5)
                            .forEach(round -> results.add(generate(TestModels.file(Architecture.LLAMA))))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).hasSize(10).allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
    }

    private static int[] generate(Path file) {
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                LlamaContext context = model.newContext(TestModels.context(128).build())) {
            return TestModels.greedy(context, 0, 0, PROMPT, 20);
        }
    }
}
