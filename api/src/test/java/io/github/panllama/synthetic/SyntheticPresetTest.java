package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.SparseGguf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether presets are the models that they are named after. */
class SyntheticPresetTest {
    @TempDir
    Path folder;

    private GgufFile header(PresetModel model) throws IOException {
        Path file = folder.resolve("header.gguf");
        SparseGguf.write(model.writer(new WriteProgress(null)), file);
        return GgufFile.read(file);
    }

    /** Of the safetensors files as published; Llama 3.1 has 64 divisors of its positions beside. */
    @ParameterizedTest
    @CsvSource({
        "deepseek-r1-distill-qwen-1.5b, 1777088000",
        "deepseek-r1-distill-qwen-7b, 7615616512",
        "deepseek-r1-distill-llama-8b, 8030261312",
        "deepseek-r1-distill-qwen-14b, 14770033664",
        "deepseek-r1-distill-qwen-32b, 32763876352",
        "deepseek-v2-lite, 15706484224"
    })
    void parametersAreThePublishedOnes(String name, long parameters) throws IOException {
        PresetModel model = SyntheticPreset.byName(name).orElseThrow().model(QuantizationType.Q4_K_M);
        assertThat(model.parameters()).isEqualTo(parameters);
        assertThat(header(model).parameters()).isEqualTo(parameters);
    }

    /** 671,026,419,200 in all 61 layers: 3 dense ones, 58 with experts, embeddings, the output and its norm. */
    @Test
    void layersOfV3AddUpToTheWholeOfIt() {
        PresetModel model = SyntheticPreset.DEEPSEEK_V3_8LAYERS.model(QuantizationType.Q8_0);
        long withExperts = model.parameters() - model.withLayers(7).parameters();
        assertThat(model.parameters() + 53 * withExperts).isEqualTo(671_026_419_200L);
    }

    /** Sizes of files that were quantised from the real weights; vocabularies differ in the lengths of their tokens. */
    @ParameterizedTest
    @CsvSource({
        "deepseek-r1-distill-qwen-7b, 4683075271",
        "deepseek-r1-distill-qwen-14b, 8988112040",
        "deepseek-r1-distill-qwen-32b, 19851337640"
    })
    void filesAreAsLargeAsRealOnes(String name, long bytes) {
        long size = SyntheticPreset.byName(name)
                .orElseThrow()
                .model(QuantizationType.Q4_K_M)
                .size();
        assertThat((double) size).isCloseTo((double) bytes, within(bytes * 0.001));
    }

    @Test
    void tensorsHaveTypesAsInARealFile() throws IOException {
        GgufFile file = header(SyntheticPreset.DEEPSEEK_R1_DISTILL_LLAMA_8B.model(QuantizationType.Q4_K_M));
        Map<GgmlType, Integer> counts = new EnumMap<>(GgmlType.class);
        file.tensors().forEach(tensor -> counts.merge(tensor.type(), 1, Integer::sum));
        assertThat(counts).isEqualTo(Map.of(GgmlType.F32, 66, GgmlType.Q4_K, 193, GgmlType.Q6_K, 33));
    }

    @ParameterizedTest
    @EnumSource
    void aHeaderIsOneThatIsLoaded(SyntheticPreset preset) throws IOException {
        PresetModel model = preset.model(QuantizationType.Q4_K_M);
        GgufFile file = header(model);
        GgufValidator.of(file).validate();
        assertThat(file.fileSize()).isEqualTo(model.size());

        GgufMetadata metadata = file.metadata();
        String prefix = preset.architecture().ggufName() + '.';
        assertThat(metadata.architecture()).contains(preset.architecture().ggufName());
        assertThat(metadata.string("general.name")).contains(preset.title() + ", random weights");
        assertThat(metadata.intValue("general.file_type", -1)).isEqualTo(QuantizationType.Q4_K_M.fileType());
        assertThat(metadata.intValue(prefix + "block_count", 0)).isEqualTo(preset.layers());
        assertThat(SyntheticPreset.byName(preset.presetName())).contains(preset);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*QWEN_(14|32)B")
    void everyTokenIsThereOnceAndEveryMergeMakesOne(SyntheticPreset preset) throws IOException {
        GgufMetadata metadata = header(preset.model(QuantizationType.Q4_0)).metadata();
        GgufValue.Array tokens = metadata.array("tokenizer.ggml.tokens").orElseThrow();
        int size = metadata.intValue(preset.architecture().ggufName() + ".vocab_size", 0);
        Set<String> known = new HashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            known.add(tokens.stringAt(i));
        }
        assertThat(tokens.size()).isEqualTo(size);
        assertThat(known).hasSize(size);
        GgufValue.Array merges = metadata.array("tokenizer.ggml.merges").orElseThrow();
        for (int i = 0; i < merges.size(); i++) {
            String[] pair = merges.stringAt(i).split(" ", -1);
            assertThat(pair.length == 2 && known.contains(pair[0] + pair[1]))
                    .as(merges.stringAt(i))
                    .isTrue();
        }
        String end = tokens.stringAt(metadata.intValue("tokenizer.ggml.eos_token_id", -1));
        assertThat(end).isEqualTo("<\uFF5Cend\u2581of\u2581sentence\uFF5C>");
    }

    @Test
    void aCutKeepsItsExpertsAndHasTheLayersAskedFor() throws IOException {
        PresetModel lite = SyntheticPreset.DEEPSEEK_V2_LITE.model(QuantizationType.Q8_0);
        GgufFile one = header(lite.withLayers(1));
        assertThat(one.metadata().intValue("deepseek2.leading_dense_block_count", -1))
                .isZero();
        assertThat(one.tensor("blk.0.ffn_up_exps.weight").map(GgufTensor::shape))
                .hasValueSatisfying(shape -> assertThat(shape).containsExactly(2048L, 1408L, 64L));
        assertThat(one.tensor("blk.1.attn_norm.weight")).isEmpty();
        assertThat(lite.withLayers(3).withSeed(9).layers()).isEqualTo(3);
        assertThat(lite.withSeed(9).withLayers(3).seed()).isEqualTo(9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lite.withLayers(28))
                .withMessage("layers is 28, must be 1 to 27 for deepseek-v2-lite");
        assertThatIllegalArgumentException().isThrownBy(() -> lite.withLayers(0));
    }

    @Test
    void whatCannotBeMadeIsRefused() {
        assertThat(SyntheticPreset.byName("deepseek-r1")).isEmpty();
        assertThat(SyntheticPreset.supports(QuantizationType.IQ1_S)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticPreset.DEEPSEEK_V2_LITE.model(QuantizationType.IQ1_S))
                .withMessageContaining("IQ1_S");
    }
}
