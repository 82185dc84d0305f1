package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticModelTest {
    @TempDir
    Path folder;

    private GgufFile write(SyntheticModelBuilder builder) throws IOException {
        Path file = folder.resolve("model.gguf");
        builder.write(file);
        return GgufFile.read(file);
    }

    @ParameterizedTest
    @EnumSource
    void sameSettingsGiveTheSameBytesAndAnotherSeedGivesOthers(Architecture architecture) throws IOException {
        Path first = folder.resolve("first.gguf");
        Path second = folder.resolve("second.gguf");
        SyntheticModel.builder(architecture).seed(42).write(first);
        SyntheticModel.builder(architecture).seed(42).write(second);
        assertThat(first).hasSameBinaryContentAs(second);

        SyntheticModel.builder(architecture).seed(43).write(second);
        GgufFile one = GgufFile.read(first);
        GgufFile other = GgufFile.read(second);
        assertThat(one.tensors()).isEqualTo(other.tensors());
        for (GgufTensor tensor : one.tensors()) {
            assertThat(one.floats(tensor)).as(tensor.name()).isNotEqualTo(other.floats(tensor));
        }
    }

    /** A change of the numbers would silently change every recorded output. */
    @Test
    void theNumbersOfASeedStayWhatTheyAre() throws IOException {
        GgufFile file = write(SyntheticModel.builder(Architecture.LLAMA).seed(7));
        float[] row = file.floats(file.tensor("blk.1.ffn_up.weight").orElseThrow());
        assertThat(List.of(row[0], row[1], row[row.length - 1]))
                .isEqualTo(List.of(0.05320649f, -0.14711094f, 0.13772278f));
    }

    @ParameterizedTest
    @EnumSource
    void aDefaultModelIsSmallAndDescribesItself(Architecture architecture) throws IOException {
        GgufFile file = write(SyntheticModel.builder(architecture));
        GgufMetadata metadata = file.metadata();
        String prefix = architecture.ggufName() + '.';

        assertThat(file.parameters()).isBetween(50_000L, 200_000L);
        assertThat(metadata.architecture()).contains(architecture.ggufName());
        assertThat(metadata.intValue(prefix + "block_count", 0)).isEqualTo(2);
        assertThat(metadata.intValue(prefix + "embedding_length", 0)).isEqualTo(64);
        assertThat(metadata.intValue(prefix + "context_length", 0))
                .isEqualTo(architecture == Architecture.BERT ? 512 : 2048);
        assertThat(metadata.array("tokenizer.ggml.tokens").orElseThrow().size()).isEqualTo(512);
        assertThat(metadata.string("tokenizer.chat_template").isPresent()).isEqualTo(!architecture.isEncoder());
        assertThat(file.tensor("token_embd.weight").orElseThrow().shape()).containsExactly(64L, 512L);
    }

    @ParameterizedTest
    @EnumSource
    void weightsAreFiniteAndKeepTheSizeOfTheirInput(Architecture architecture) throws IOException {
        GgufFile file = write(SyntheticModel.builder(architecture));
        for (GgufTensor tensor : file.tensors()) {
            double squares = 0;
            for (float value : file.floats(tensor)) {
                squares += value * value;
            }
            double size = Math.sqrt(squares / tensor.elements());
            assertThat(size).as(tensor.name()).isBetween(0.01, 5.0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "Q4_0"})
    void matricesAreStoredInTheWeightTypeAndVectorsInF32(GgmlType type) throws IOException {
        for (Architecture architecture : Architecture.values()) {
            GgufFile file = write(SyntheticModel.builder(architecture).weightType(type));
            for (GgufTensor tensor : file.tensors()) {
                boolean small =
                        tensor.name().matches(".*(norm|bias|_a$|_d$|conv1d|gate_inp|token_types|position_embd).*");
                assertThat(tensor.type()).as(tensor.name()).isEqualTo(small ? GgmlType.F32 : type);
            }
        }
    }

    @Test
    void rowsThatFillNoWholeBlocksStayInF32() throws IOException {
        GgufFile file = write(SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(48)
                .heads(3)
                .feedForwardLength(96)
                .weightType(GgmlType.Q8_0));
        assertThat(file.tensor("blk.0.ffn_up.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
        assertThat(file.tensor("blk.0.ffn_down.weight").orElseThrow().type()).isEqualTo(GgmlType.Q8_0);
    }

    @Test
    void theBenchmarkModelHasTheShapeThatFiguresAreMeasuredWith() throws IOException {
        GgufFile file = write(SyntheticModel.benchmark().weightType(GgmlType.Q8_0));
        assertThat(file.parameters()).isBetween(1_200_000L, 1_250_000L);
        assertThat(file.tensor("output.weight")).isEmpty();
        assertThat(file.tensors().stream().filter(tensor -> tensor.shape().size() > 1))
                .allMatch(tensor -> tensor.rowLength() % 256 == 0);
    }

    @Test
    void specialTokensAreImprobable() throws IOException {
        GgufFile file = write(SyntheticModel.builder(Architecture.LLAMA));
        float[] output = file.floats(file.tensor("output.weight").orElseThrow());
        SyntheticVocabulary vocabulary = SyntheticVocabulary.ofSize(512);
        int eos = vocabulary.special(SyntheticVocabulary.EOS);
        assertThat(largest(output, eos)).isLessThan(largest(output, 0) / 5);
    }

    private static float largest(float[] output, int token) {
        float largest = 0;
        for (int i = token * 64; i < (token + 1) * 64; i++) {
            largest = Math.max(largest, Math.abs(output[i]));
        }
        return largest;
    }

    @Test
    void settingsThatLlamaCppWouldAbortOnAreRefused() {
        SyntheticModelBuilder[] wrong = {
            SyntheticModel.builder(Architecture.LLAMA).vocabularySize(SyntheticVocabulary.MIN_SIZE - 1),
            SyntheticModel.builder(Architecture.LLAMA).layers(0),
            SyntheticModel.builder(Architecture.LLAMA).layers(513),
            SyntheticModel.builder(Architecture.LLAMA).heads(0),
            SyntheticModel.builder(Architecture.LLAMA).heads(-1),
            SyntheticModel.builder(Architecture.LLAMA).kvHeads(0),
            SyntheticModel.builder(Architecture.LLAMA).heads(4).kvHeads(3),
            SyntheticModel.builder(Architecture.LLAMA).headLength(7),
            SyntheticModel.builder(Architecture.LLAMA).contextLength(0),
            SyntheticModel.builder(Architecture.LLAMA).feedForwardLength(0),
            SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.Q4_K),
            SyntheticModel.builder(Architecture.QWEN2).embeddingLength(65),
            SyntheticModel.builder(Architecture.LLAMA).classifier(List.of()),
            SyntheticModel.builder(Architecture.NOMIC_BERT).classifier(List.of("a")),
            SyntheticModel.builder(Architecture.QWEN3MOE).experts(0),
            SyntheticModel.builder(Architecture.QWEN3MOE).experts(513),
            SyntheticModel.builder(Architecture.QWEN3MOE).activeExperts(9),
            SyntheticModel.builder(Architecture.DEEPSEEK2).ropeLength(3),
            SyntheticModel.builder(Architecture.DEEPSEEK2).leadingDenseLayers(3),
            SyntheticModel.builder(Architecture.DEEPSEEK2).sharedExperts(0),
            SyntheticModel.builder(Architecture.MAMBA2).heads(3),
            SyntheticModel.builder(Architecture.MAMBA2).stateLength(0),
        };
        for (SyntheticModelBuilder builder : wrong) {
            assertThatIllegalArgumentException().isThrownBy(builder::build);
        }
    }

    @Test
    void aClassifierHasAnOutputForEachLabel() throws IOException {
        GgufFile plain = write(SyntheticModel.builder(Architecture.BERT));
        assertThat(plain.tensor("cls.output.weight")).isEmpty();
        assertThat(plain.metadata().intValue("bert.pooling_type", 0)).isEqualTo(2);
        GgufFile unlabelled = write(SyntheticModel.builder(Architecture.BERT).classifier(List.of()));
        assertThat(unlabelled.tensor("cls.output.weight").orElseThrow().shape()).containsExactly(64L, 1L);
        assertThat(unlabelled.metadata().find("bert.classifier.output_labels")).isEmpty();
        GgufFile labelled = write(SyntheticModel.builder(Architecture.BERT).classifier(List.of("good", "bad")));
        assertThat(labelled.tensor("cls.output.weight").orElseThrow().shape()).containsExactly(64L, 2L);
        assertThat(labelled.metadata().intValue("bert.pooling_type", 0)).isEqualTo(4);
        assertThat(labelled.metadata()
                        .array("bert.classifier.output_labels")
                        .orElseThrow()
                        .size())
                .isEqualTo(2);
    }

    @Test
    void anAdapterFitsEveryMatrixOfItsBase() throws IOException {
        Path base = folder.resolve("base.gguf");
        Path adapter = folder.resolve("lora.gguf");
        for (Architecture architecture : List.of(Architecture.LLAMA, Architecture.QWEN2)) {
            SyntheticModel.builder(architecture).write(base);
            SyntheticLora.write(adapter, base, 4, 0.5f, 9);

            GgufFile file = GgufFile.read(adapter);
            assertThat(file.metadata().string("general.type")).contains("adapter");
            assertThat(file.metadata().string("adapter.type")).contains("lora");
            assertThat(file.metadata().architecture()).contains(architecture.ggufName());
            assertThat(file.metadata().floatValue("adapter.lora.alpha", 0)).isEqualTo(4);
            assertThat(file.tensors()).hasSize(2 * 2 * 7);
            for (GgufTensor tensor : GgufFile.read(base).tensors()) {
                file.tensor(tensor.name() + ".lora_a")
                        .ifPresent(a -> assertThat(a.shape())
                                .containsExactly(tensor.shape().get(0), 4L));
                file.tensor(tensor.name() + ".lora_b")
                        .ifPresent(b -> assertThat(b.shape())
                                .containsExactly(4L, tensor.shape().get(1)));
            }
            byte[] once = Files.readAllBytes(adapter);
            SyntheticLora.write(adapter, base, 4, 0.5f, 9);
            assertThat(adapter).hasBinaryContent(once);
        }
    }

    @Test
    void anAdapterOfNothingIsRefused() throws IOException {
        Path base = folder.resolve("base.gguf");
        SyntheticModel.builder(Architecture.MAMBA2).write(base);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticLora.write(folder.resolve("lora"), base, 4, 1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticLora.write(folder.resolve("lora"), base, 0, 1, 1));
    }
}
