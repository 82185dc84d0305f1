package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeIndexTest {
    private static final String GOOD = """
            release=0.5.0
            platform=linux-x86_64
            kind=plugin
            plugin=cuda
            file.1.name=libggml-cuda.so
            file.1.size=3
            file.1.sha256=%s
            file.1.role=plugin
            """.formatted("0a".repeat(32));

    private static NativeIndex parse(String text) {
        return NativeIndex.parse(text.getBytes(StandardCharsets.UTF_8), "the index");
    }

    @Test
    void everyLineIsRead() {
        NativeIndex index = parse(GOOD);
        assertThat(index.release()).isEqualTo("0.5.0");
        assertThat(index.platform()).isEqualTo("linux-x86_64");
        assertThat(index.plugin()).isEqualTo("cuda");
        assertThat(index.isCore()).isFalse();
        assertThat(index.files())
                .containsExactly(new NativeFile(
                        "libggml-cuda.so", NativeFile.Role.PLUGIN, new NativeFile.Expected(3, "0a".repeat(32))));
    }

    @ParameterizedTest
    @CsvSource({
        "libggml-cuda.so, ../../outside.so",
        "libggml-cuda.so, /etc/passwd",
        "libggml-cuda.so, .hidden",
        "size=3, size=three",
        "role=plugin, role=virus",
        "0a0a0a0a, 0A",
        "release=0.5.0, other=1",
        "plugin=cuda, other=1"
    })
    void lineThatIsWrongIsRefused(String part, String wrong) {
        assertThatThrownBy(() -> parse(GOOD.replace(part, wrong)))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("the index");
    }
}
