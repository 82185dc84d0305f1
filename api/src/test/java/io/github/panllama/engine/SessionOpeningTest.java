package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionOpeningTest {
    @TempDir
    Path folder;

    /** Its file is a pipe: it is read to the end when the test says so. */
    @Test
    void nobodySeesASessionThatIsStillBeingRead() throws Exception {
        Path file = folder.resolve("s.session");
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        try (LlamaModel model = EngineFixture.model()) {
            int[] conversation;
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                Session session = engine.openSession("s");
                get(session.generate(greedy("Hello!").maxTokens(9).build()).result());
                session.save();
                conversation = session.tokens();
            }
            byte[] saved = Files.readAllBytes(file);
            Files.delete(file);
            assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                    .isZero();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                CompletableFuture<Session> opened = CompletableFuture.supplyAsync(() -> engine.openSession("s"));
                try (OutputStream pipe = Files.newOutputStream(file)) { // waits for the one that reads
                    assertThat(engine.sessions()).isEmpty();
                    assertThat(engine.stats().sessions().open()).isZero();
                    assertThatThrownBy(() -> engine.openSession("s"))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("open already");
                    pipe.write(saved);
                }
                assertThat(get(opened).tokens()).isEqualTo(conversation);
                assertThat(engine.sessions()).containsExactly(get(opened));
                assertThat(engine.stats().sessions().open()).isEqualTo(1);
            }
        }
    }
}
