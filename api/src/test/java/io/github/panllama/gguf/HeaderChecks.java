package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.io.TempDir;

/** Checks headers of architectures that no small model is made of: a sound one passes, one group of rules refuses it damaged. */
abstract class HeaderChecks {
    static final long ALL_ONES = 0xffff_ffffL;

    @TempDir
    private Path folder;

    List<GgufValidator.Finding> failures(RealHeader header) {
        try {
            return GgufValidator.of(header.write(folder.resolve("header.gguf"))).findings().stream()
                    .filter(finding -> !finding.passed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void passes(RealHeader header) {
        assertThat(failures(header)).isEmpty();
    }

    void refused(
            GgufValidator.Rules rules,
            Supplier<RealHeader> sound,
            UnaryOperator<RealHeader> damage,
            String key,
            String message) {
        passes(sound.get());
        List<GgufValidator.Finding> failed = failures(damage.apply(sound.get()));
        assertThat(failed).as("%s %s", key, message).hasSize(1);
        assertThat(failed.getFirst().rules()).isEqualTo(rules);
        InvalidGgufException failure = Objects.requireNonNull(failed.getFirst().failure());
        assertThat(failure).hasMessageContaining(key).hasMessageContaining(message);
        assertThat(failure.key()).isEqualTo(key);
    }

    /** Each of the values is refused. */
    void refused(
            GgufValidator.Rules rules, Supplier<RealHeader> sound, String architecture, String key, long... values) {
        for (long value : values) {
            refused(rules, sound, header -> header.own(key, value), architecture + '.' + key, "is " + value);
        }
    }

    static RealHeader small(String architecture) {
        return new RealHeader(architecture).size(8, 128, 64, 128).heads(4, 2).lengths(16, 16);
    }

    /** Of two layers that keep a state and six that have attention. */
    static RealHeader mixed(String architecture) {
        return small(architecture).own("attention.head_count_kv", RealMixedHeaders.layers(8, 0, 1, List.of(0, 4)));
    }

    static RealHeader deepSeek4() {
        return small("deepseek4")
                .own("rope.dimension_count", 8)
                .own("attention.sliding_window", 128)
                .own("attention.compress_ratios", GgufValue.int32s(new int[8]))
                .own("attention.output_group_count", 2)
                .own("attention.indexer.key_length", 16)
                .own("hyper_connection.count", 4)
                .own("hyper_connection.sinkhorn_iterations", 20);
    }

    static RealHeader deepSeekDraft() {
        return small("dflash")
                .own("attention.sliding_window", 128)
                .own("attention.output_group_count", 2)
                .own("attention.sliding_window_pattern", RealMixedHeaders.layers(8, 1, 0, List.of(0)));
    }
}
