package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFilesTest {
    private static long bytes(GgufEditor editor) throws IOException {
        Path file = TestModels.path("edited.gguf");
        editor.write(file);
        ModelOptions trusted = TestModels.cpu().trust(ModelTrust.TRUSTED).build();
        return ModelFiles.check(List.of(file), trusted).cacheBytesPerToken(KvCacheType.F16, KvCacheType.F16);
    }

    private static GgufEditor editor() throws IOException {
        return GgufEditor.of(GgufFile.read(TestModels.file(Architecture.DEEPSEEK2)));
    }

    @Test
    void latentAttentionKeepsNoValuesAndOnlyWhereBothItsLengthsAreGiven() throws IOException {
        GgufFile file = GgufFile.read(TestModels.file(Architecture.DEEPSEEK2));
        long layers = file.metadata().intValue("deepseek2.block_count", 0);
        long keys = file.metadata().intValue("deepseek2.attention.key_length", 0);
        long values = file.metadata().intValue("deepseek2.attention.value_length", 0);
        assertThat(keys).isPositive();
        assertThat(values).isPositive();
        assertThat(bytes(editor())).isEqualTo(layers * keys * Short.BYTES);
        assertThat(bytes(editor().remove("deepseek2.attention.key_length_mla")))
                .isEqualTo(layers * (keys + values) * Short.BYTES);
    }

    @Test
    void layersThatPredictHaveNoPartInTheCache() throws IOException {
        long all = bytes(editor());
        long layers = GgufFile.read(TestModels.file(Architecture.DEEPSEEK2))
                .metadata()
                .intValue("deepseek2.block_count", 0);
        assertThat(bytes(editor().set("deepseek2.nextn_predict_layers", GgufValue.uint32(1))))
                .isEqualTo(all - all / layers);
    }
}
