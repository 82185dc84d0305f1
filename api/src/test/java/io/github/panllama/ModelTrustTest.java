package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are checked before they are loaded, and which are refused for what they are. */
class ModelTrustTest {
    /** Harmless to llama.cpp, which warns of it, and against the rules. */
    private static final String PADDING = "tokenizer.ggml.padding_token_id";

    @TempDir
    private Path folder;

    private Path odd() throws IOException {
        Path file = folder.resolve("odd.gguf");
        GgufEditor.of(GgufFile.read(TestModels.file(Architecture.LLAMA)))
                .set(PADDING, GgufValue.uint32(9999))
                .write(file);
        return file;
    }

    private static void load(Path file, ModelTrust trust) {
        LlamaModel.load(file, TestModels.cpu().trust(trust).build()).close();
    }

    private static String digest(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void filesAreCheckedUnlessTheyAreTrusted() throws IOException {
        Path file = odd();
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(file))
                .withMessageContaining("Cannot load")
                .withMessageContaining(PADDING + " is 9999, must be below the 512 tokens")
                .satisfies(e -> assertThat(e.nativeLog()).isEmpty())
                .havingCause()
                .isInstanceOfSatisfying(InvalidGgufException.class, cause -> {
                    assertThat(cause.key()).isEqualTo(PADDING);
                    assertThat(cause.byteOffset()).isPositive();
                });
        load(file, ModelTrust.TRUSTED);
    }

    @Test
    void whatALoadReplacesIsCheckedInPlaceOfTheFilesOwn() throws IOException {
        ModelOptions repaired = TestModels.cpu().metadata(PADDING, 5).build();
        LlamaModel.load(odd(), repaired).close();
        ModelOptions damaged = TestModels.cpu().metadata(PADDING, 512).build();
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(TestModels.file(Architecture.QWEN2), damaged))
                .withMessageContaining(PADDING);
    }

    @Test
    void aFileOfTheGivenDigestIsLoadedWithoutAnotherCheck() throws Exception {
        Path file = odd();
        load(file, ModelTrust.sha256(digest(file)));
        load(file, ModelTrust.sha256(digest(file).toUpperCase(Locale.ROOT)));
    }

    @Test
    void anyOtherFileIsRefused() throws Exception {
        Path file = odd();
        ModelTrust trust = ModelTrust.sha256(digest(file));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> load(file, trust))
                .withMessageContaining("its SHA-256 is " + digest(file) + ", must be ");
    }

    @Test
    void eachFileOfAModelHasADigest() throws Exception {
        GgufFile whole = GgufFile.read(TestModels.file(Architecture.LLAMA));
        List<Path> parts = GgufSplit.split(whole, folder.resolve("m"), GgufSplit.Limits.ofTensors(15));
        String[] digests = new String[parts.size()];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = digest(parts.get(i));
        }
        load(parts.getFirst(), ModelTrust.sha256(digests));
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> load(parts.getFirst(), ModelTrust.sha256(digests[0])))
                .withMessageContaining("it has %d files, digests are given of 1".formatted(digests.length));
    }

    @Test
    void whatIsNoDigestIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(ModelTrust::sha256);
        for (String wrong : new String[] {"", "12", "g".repeat(64), "0".repeat(65)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ModelTrust.sha256(wrong))
                    .withMessageContaining("must have 64 hexadecimal digits");
        }
        assertThat(ModelTrust.sha256("A".repeat(64))).hasToString("SHA256[" + "a".repeat(64) + "]");
        assertThat(ModelTrust.VALIDATED).hasToString("VALIDATED");
    }

    @Test
    void aModelThatCallsItselfAnAdapterDoesNotEscapeTheRulesOfModels() throws IOException {
        Path file = folder.resolve("adapter.gguf");
        GgufEditor.of(GgufFile.read(TestModels.file(Architecture.LLAMA)))
                .set("general.type", GgufValue.text("adapter"))
                .set("llama.block_count", GgufValue.uint32(0))
                .write(file);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(file))
                .withMessageContaining("it is an adapter, not a model");
    }
}
