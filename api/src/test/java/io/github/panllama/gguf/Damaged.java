package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A small model whose metadata is damaged, and what the validator says of it. */
final class Damaged {
    private static final Map<Architecture, Path> WHOLE = new ConcurrentHashMap<>();

    private final Architecture architecture;
    private final Map<String, @Nullable GgufValue> changes = new LinkedHashMap<>();

    private Damaged(Architecture architecture) {
        this.architecture = architecture;
    }

    static Damaged model(Architecture architecture) {
        return new Damaged(architecture);
    }

    static Damaged llama() {
        return model(Architecture.LLAMA);
    }

    static Path whole(Architecture architecture) {
        return WHOLE.computeIfAbsent(architecture, kind -> {
            try {
                Path file = Files.createTempFile("panllama-" + kind.ggufName(), ".gguf");
                file.toFile().deleteOnExit();
                SyntheticModel.builder(kind).write(file);
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    Damaged set(String key, GgufValue value) {
        changes.put(key, value);
        return this;
    }

    Damaged set(String key, long value) {
        return set(key, GgufValue.uint32(value));
    }

    Damaged set(String key, float value) {
        return set(key, GgufValue.float32(value));
    }

    Damaged set(String key, String value) {
        return set(key, GgufValue.text(value));
    }

    Damaged remove(String key) {
        changes.put(key, null);
        return this;
    }

    /** The file as it is then. */
    GgufFile file() {
        try {
            Path file = Files.createTempFile("panllama-damaged", ".gguf");
            GgufEditor editor = GgufEditor.of(GgufFile.read(whole(architecture)));
            changes.forEach((key, value) -> {
                if (value == null) {
                    editor.remove(key);
                } else {
                    editor.set(key, value);
                }
            });
            editor.write(file);
            try {
                return GgufFile.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void passes() {
        GgufValidator.of(file()).validate();
    }

    /** Exactly one group of rules refuses it, over this key, and says where the key stands. */
    void refused(GgufValidator.Rules rules, String key, String message) {
        GgufFile file = file();
        List<GgufValidator.Finding> failed = GgufValidator.of(file).findings().stream()
                .filter(finding -> !finding.passed())
                .toList();
        assertThat(failed).as("%s: %s", changes, message).hasSize(1);
        assertThat(failed.getFirst().rules()).isEqualTo(rules);
        var failure = catchThrowableOfType(
                InvalidGgufException.class, () -> GgufValidator.of(file).validate());
        assertThat(failure).hasMessageContaining(message);
        assertThat(failure.key()).isEqualTo(key);
        assertThat(failure.byteOffset()).isEqualTo(file.metadata().offset(key));
        if (changes.get(key) != null) {
            assertThat(failure.byteOffset()).isPositive();
        }
    }
}
