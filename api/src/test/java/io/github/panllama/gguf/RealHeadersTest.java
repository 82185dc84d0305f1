package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The validator takes the models that people have, and refuses what is fatal in headers that are nearly theirs. */
class RealHeadersTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> real() {
        return RealHeaders.all().entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("real")
    void modelsThatPeopleHavePass(String name, RealHeader header) throws IOException {
        GgufFile file = header.write(folder.resolve("m.gguf"));
        assertThat(file.tensors()).as(name).isNotEmpty();
        GgufValidator.of(file).validate();
    }

    static Set<String> architectures() {
        return SmallHeaders.ARCHITECTURES;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void smallModelsOfEveryArchitecturePass(String architecture) throws IOException {
        GgufFile file = SmallHeaders.of(architecture).write(folder.resolve("small.gguf"));
        GgufValidator.of(file).validate();
    }

    private void refused(RealHeader header, String message) {
        assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> GgufValidator.of(header.write(folder.resolve("damaged.gguf")))
                        .validate())
                .withMessageContaining(message);
    }

    @Test
    void attentionThatCoolsHasALengthToDivideBy() throws IOException {
        refused(
                RealHeaders.ministral().own("rope.scaling.original_context_length", 0),
                "original_context_length is 0, must be in [1, ");
        RealHeader other = new RealHeader("mistral3").size(1, 128, 64, 64).own("attention.temperature_scale", 0.1f);
        GgufValidator.of(other.write(folder.resolve("other.gguf"))).validate();
    }

    @Test
    void theMapOfADraftsTokensIsOfWholeNumbersAndOfItsOwnOutput() {
        refused(RealHeaders.eagle(GgmlType.F32, true), "tensor d2t has the type f32, must have i64");
        refused(RealHeaders.eagle(GgmlType.I64, false), "tensor d2t tells what the rows of output.weight stand for");
    }

    @Test
    void headsThatTurnInPartAgreeWithTheirTensors() {
        RealHeader uneven = new RealHeader("minimax-m2").size(1, 128, 64, 64).heads(4, 3);
        refused(uneven, "heads cannot share them evenly");
        RealHeader wide =
                new RealHeader("nemotron").size(1, 128, 64, 64).heads(4, 4).lengths(32, 32);
        refused(wide.attention(0, 64, 64, 64), "tensor blk.0.attn_q.weight has 64 rows, must have 128");
        RealHeader joined = new RealHeader("minimax-m2").size(1, 128, 64, 64).heads(4, 2);
        refused(joined.matrix("blk.0.attn_qkv", 64, 192), "has 192 rows, must have 128");
    }
}
