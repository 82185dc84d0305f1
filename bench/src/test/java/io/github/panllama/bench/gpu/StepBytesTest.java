package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepBytesTest {
    @TempDir
    private Path folder;

    private Path write(Architecture architecture, boolean tied) throws IOException {
        Path file = folder.resolve(architecture + "-" + tied + ".gguf");
        SyntheticModel.builder(architecture).tiedEmbeddings(tied).build().write(file);
        return file;
    }

    private static double bytes(Path file, Predicate<GgufTensor> which) throws IOException {
        return GgufFile.read(file).tensors().stream()
                .filter(which)
                .mapToLong(GgufTensor::byteSize)
                .sum();
    }

    @Test
    void aDenseModelIsReadAsAWholeButForEmbeddingsThatAreNoOutput() throws IOException {
        Path untied = write(Architecture.LLAMA, false);
        assertThat(StepBytes.of(untied).weights(7))
                .isEqualTo(bytes(untied, tensor -> !tensor.name().equals("token_embd.weight")));
        Path tied = write(Architecture.LLAMA, true);
        assertThat(StepBytes.of(tied).weights(7)).isEqualTo(bytes(tied, tensor -> true));
    }

    @Test
    void ofExpertsOneSequenceReadsThoseItUsesAndManyReadNearlyAll() throws IOException {
        Path file = write(Architecture.DEEPSEEK2, false);
        GgufFile gguf = GgufFile.read(file);
        double used = gguf.metadata().intValue("deepseek2.expert_used_count", 0);
        double all = gguf.metadata().intValue("deepseek2.expert_count", 0);
        double experts = bytes(file, tensor -> tensor.name().contains("_exps."));
        double others = bytes(
                file,
                tensor -> !tensor.name().contains("_exps.") && !tensor.name().equals("token_embd.weight"));
        assertThat(experts).isPositive();
        StepBytes bytes = StepBytes.of(file);
        assertThat(bytes.weights(1)).isEqualTo(others + experts * used / all, offset(1.0));
        assertThat(bytes.weights(64)).isEqualTo(others + experts, offset(experts / 100));
    }

    @Test
    void theKvCacheIsReadAsFarAsItIsFilledInTheMiddleOfTheAnswers() throws IOException {
        Path file = write(Architecture.LLAMA, false);
        GpuSetting setting = GpuSetting.of(new BenchModel("a", "F32", () -> file), 3, 100, 50);
        StepBytes bytes = StepBytes.of(file);
        assertThat(bytes.of(setting, OptionalLong.of(1000))).isEqualTo(bytes.weights(3) + 3 * 125 * 1000.0);
    }
}
