package io.github.panllama.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Without the validator these files end the JVM, which is a child of this one; with it they are an exception. */
class RulesNeededTest {
    private static final String TOKENS = "tokenizer.ggml.tokens";

    @TempDir
    private static Path folder;

    static Stream<Arguments> fatal() {
        return Stream.of(
                number(Architecture.LLAMA, "block_count", 0),
                number(Architecture.QWEN2, "rope.dimension_count", 8),
                number(Architecture.QWEN3MOE, "expert_used_count", 1000),
                number(Architecture.DEEPSEEK2, "expert_gating_func", 9),
                number(Architecture.DEEPSEEK2, "attention.key_length_mla", 4),
                Arguments.of(Architecture.LLAMA, TOKENS, GgufValue.texts(repeating())),
                Arguments.of(Architecture.LLAMA, "general.alignment", GgufValue.uint32(4)),
                Arguments.of(Architecture.LLAMA, "llama.attention.layer_norm_rms_epsilon", GgufValue.float32(-1)));
    }

    private static Arguments number(Architecture architecture, String key, long value) {
        return Arguments.of(
                architecture, architecture.ggufName() + '.' + key, new GgufValue.Whole(GgufType.UINT32, value));
    }

    private static List<String> repeating() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 512; i++) {
            tokens.add("token" + Math.min(i, 510));
        }
        return tokens;
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void fatalWithoutTheRuleRefusedWithIt(Architecture architecture, String key, GgufValue value)
            throws IOException, InterruptedException {
        Path whole = folder.resolve(architecture + ".gguf");
        SyntheticModel.builder(architecture).contextLength(128).layers(2).write(whole);
        Path file = folder.resolve("fatal.gguf");
        GgufEditor.of(GgufFile.read(whole)).set(key, value).write(file);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(file))
                .havingCause()
                .isInstanceOfSatisfying(
                        InvalidGgufException.class,
                        cause -> assertThat(cause.key()).isEqualTo(key));
        Process child = new ProcessBuilder(MutantForks.java(folder, TrustedLoad.class, file.toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isNotZero();
        assertThat(output).doesNotContain(TrustedLoad.SURVIVED);
    }
}
