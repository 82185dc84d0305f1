package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.ContextOptions;
import io.github.panllama.InvalidStateException;
import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that somebody has made so that they unpack to more than there is memory. */
class SessionFileTest {
    private static final int[] TOKENS = {1, 2, 3};

    private static LlamaModel model;
    private static SessionLimits limits;

    @TempDir
    Path folder;

    private interface Body {
        void write(DataOutputStream data) throws IOException;
    }

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        try (LlamaContext context = model.newContext(
                EngineFixture.fixed(ContextOptions.builder()).contextSize(256).build())) {
            limits = SessionLimits.of(model, context.sequenceContextSize(), 1 << 30);
        }
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static byte[] file(Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream head = new DataOutputStream(bytes);
        head.writeLong(0x50414e4c53455353L);
        head.writeInt(2);
        try (DataOutputStream data = new DataOutputStream(new DeflaterOutputStream(head))) {
            body.write(data);
        }
        return bytes.toByteArray();
    }

    private static void writeTokens(DataOutputStream data) throws IOException {
        for (int i = 0; i < 2; i++) {
            data.writeInt(TOKENS.length);
            for (int token : TOKENS) {
                data.writeInt(token);
            }
        }
    }

    private static SessionFile.Content read(byte[] bytes) throws IOException {
        return SessionFile.read(new ByteArrayInputStream(bytes), model, limits);
    }

    @Test
    void moreTokensThanAnyConversationHasAreNotUnpacked() throws Exception {
        for (int count : new int[] {limits.tokens() + 1, Integer.MAX_VALUE, -1}) {
            byte[] bytes = file(data -> {
                data.writeInt(count);
                data.write(new byte[1 << 20]); // token 0 again and again, but not to the end
            });
            assertThatThrownBy(() -> read(bytes))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("%d tokens, must be in [0, %d]", count, limits.tokens());
        }
    }

    @Test
    void moreStateThanItsTokensCanHaveIsNotUnpacked() throws Exception {
        for (long size : new long[] {limits.bytes(TOKENS.length) + 1, Long.MAX_VALUE, -1}) {
            byte[] bytes = file(data -> {
                writeTokens(data);
                data.writeLong(size);
                data.writeLong(SessionFile.checksum(TOKENS, TOKENS, size));
            });
            assertThatThrownBy(() -> read(bytes))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("3 tokens in %d bytes", size);
        }
    }

    /** The frame of the state says something else, and all that is there. */
    @Test
    void noMoreStateIsUnpackedThanTheFileHasSaid() throws Exception {
        int declared = 10_000;
        int there = 50_000_000;
        byte[] bytes = file(data -> {
            writeTokens(data);
            data.writeLong(declared);
            data.writeLong(SessionFile.checksum(TOKENS, TOKENS, declared));
            data.writeLong(0x50414e4c53544154L);
            data.writeInt(1);
            data.writeBoolean(true);
            data.writeUTF(Llama.release());
            data.writeUTF(model.fingerprint());
            data.writeLong(there);
            for (int i = 0; i < 50; i++) {
                data.write(new byte[there / 50]);
            }
            data.write("and a checksum that may be right".getBytes(UTF_8));
        });
        assertThat(bytes).hasSizeLessThan(there / 500);
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(InvalidStateException.class)
                .hasMessageContaining("cut short");
    }

    @Test
    void aStateThatCannotBeUsedIsLeftInTheFile() throws Exception {
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("s");
            get(session.generate(EngineFixture.endless(model, 100).build()).result());
            session.save();
        }
        byte[] bytes = Files.readAllBytes(folder.resolve("s.session"));
        SessionFile.Content whole = read(bytes);
        assertThat(whole.copy).isNotNull();
        long size = whole.copy.sizeInBytes();
        whole.copy.close();
        for (SessionLimits narrow :
                new SessionLimits[] {new SessionLimits(1000, 50, 1 << 30, 0), new SessionLimits(1000, 1000, size - 1, 0)
                }) {
            SessionFile.Content content = SessionFile.read(new ByteArrayInputStream(bytes), model, narrow);
            assertThat(content.copy).isNull();
            assertThat(content.tokens).isEqualTo(whole.tokens);
        }
    }
}
