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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Without the rules of single architectures these files end a JVM, and with a sound value in the same place they do not.
 * Each is a small model that says to be of another architecture: of one with the same tensors, or of one whose numbers
 * llama.cpp looks at before it misses a tensor.
 */
class ArchitectureRulesNeededTest {
    @TempDir
    private static Path folder;

    /**
     * A small model under another name.
     *
     * @param base what it is made from
     * @param name the architecture that it says to be
     * @param others keys of that architecture's own
     * @param key one more
     * @param sound a value that it may have
     * @param fatal one that it may not
     */
    record Disguise(
            Architecture base,
            String name,
            Map<String, GgufValue> others,
            String key,
            GgufValue sound,
            GgufValue fatal) {
        static Disguise number(Architecture base, String name, String key, long sound, long fatal) {
            return new Disguise(base, name, Map.of(), key, GgufValue.uint32(sound), GgufValue.uint32(fatal));
        }

        Disguise with(String other, GgufValue value) {
            Map<String, GgufValue> more = new LinkedHashMap<>(others);
            more.put(other, value);
            return new Disguise(base, name, more, key, sound, fatal);
        }

        Disguise with(String other, long value) {
            return with(other, GgufValue.uint32(value));
        }

        @Override
        public String toString() {
            return "%s.%s: %s".formatted(name, key, fatal);
        }
    }

    static Stream<Disguise> disguises() {
        return Stream.of(
                Disguise.number(Architecture.LLAMA, "hrm_text", "hrm.h_cycles", 1, 0)
                        .with("hrm.layers_per_stack", 1)
                        .with("hrm.l_cycles", 1),
                Disguise.number(Architecture.LLAMA, "nanbeige", "num_loops", 8, 64),
                Disguise.number(Architecture.LLAMA, "gemma-embedding", "dense_2_feat_in", 64, 1)
                        .with("attention.sliding_window", 64),
                Disguise.number(Architecture.LLAMA, "jamba", "ssm.inner_size", 128, 64)
                        .with("attention.head_count_kv", GgufValue.wholes(GgufType.UINT32, 0, 1))
                        .with("ssm.conv_kernel", 4)
                        .with("ssm.state_size", 16)
                        .with("ssm.time_step_rank", 16),
                Disguise.number(Architecture.LLAMA, "qwen3next", "full_attention_interval", 2, 0)
                        .with("ssm.conv_kernel", 4)
                        .with("ssm.inner_size", 64)
                        .with("ssm.state_size", 16)
                        .with("ssm.time_step_rank", 4)
                        .with("ssm.group_count", 2),
                Disguise.number(Architecture.LLAMA, "wavtokenizer-dec", "posnet.block_count", 2, 3)
                        .with("attention.layer_norm_epsilon", GgufValue.float32(1e-5f))
                        .with("attention.group_norm_epsilon", GgufValue.float32(1e-5f))
                        .with("attention.group_norm_groups", 32)
                        .with("features_length", 64)
                        .with("posnet.embedding_length", 64)
                        .with("convnext.embedding_length", 64)
                        .with("convnext.block_count", 2),
                new Disguise(
                                Architecture.LLAMA,
                                "jamba",
                                Map.of(),
                                "attention.head_count_kv",
                                GgufValue.wholes(GgufType.UINT32, 0, 1),
                                GgufValue.wholes(GgufType.UINT32, 1, 1))
                        .with("ssm.conv_kernel", 4)
                        .with("ssm.inner_size", 128)
                        .with("ssm.state_size", 16)
                        .with("ssm.time_step_rank", 16),
                new Disguise(
                        Architecture.QWEN2,
                        "qwen2vl",
                        Map.of(),
                        "rope.dimension_sections",
                        GgufValue.int32s(4, 2, 2, 0),
                        GgufValue.int32s(0, 0, 0, 8)));
    }

    private static Path file(Disguise disguise, GgufValue value) throws IOException {
        Path whole = folder.resolve(disguise.base() + ".gguf");
        SyntheticModel.builder(disguise.base()).contextLength(128).layers(2).write(whole);
        GgufFile base = GgufFile.read(whole);
        String old = disguise.base().ggufName() + '.';
        String name = disguise.name() + '.';
        GgufEditor editor = GgufEditor.of(base).set("general.architecture", GgufValue.text(disguise.name()));
        base.metadata().asMap().forEach((key, known) -> {
            if (key.startsWith(old)) {
                editor.remove(key).set(name + key.substring(old.length()), known);
            }
        });
        disguise.others().forEach((key, other) -> editor.set(name + key, other));
        Path file = folder.resolve("disguised.gguf");
        editor.set(name + disguise.key(), value).write(file);
        return file;
    }

    @ParameterizedTest
    @MethodSource("disguises")
    void fatalWithoutTheRuleRefusedWithIt(Disguise disguise) throws IOException, InterruptedException {
        String sound = use(folder, file(disguise, disguise.sound()));
        assertThat(sound).contains(TrustedLoad.SURVIVED);
        Path fatal = file(disguise, disguise.fatal());
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(fatal))
                .havingCause()
                .isInstanceOfSatisfying(
                        InvalidGgufException.class,
                        cause -> assertThat(cause.key()).isEqualTo(disguise.name() + '.' + disguise.key()));
        String output = use(folder, fatal);
        assertThat(output).doesNotContain(TrustedLoad.SURVIVED);
    }

    /** What a JVM prints that loads the file without a check, and uses it. */
    private static String use(Path folder, Path file) throws IOException, InterruptedException {
        return run(folder, TrustedLoad.class, file);
    }

    static String run(Path folder, Class<?> main, Path file) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(MutantForks.java(folder, main, file.toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor() == 0).as(output).isEqualTo(output.contains(TrustedLoad.SURVIVED));
        return output;
    }
}
