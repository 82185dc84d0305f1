package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that survive their engine. */
class SessionSavingTest {
    private static LlamaModel model;
    private static Turns turns;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        turns = new Turns(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void whatIsSavedSurvivesTheEngine() throws Exception {
        EngineOptions options = options().sequences(2).sessionFolder(folder).build();
        int[] conversation;
        int[] shorter;
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("kept");
            get(session.generate(turns.turn(0)).result());
            shorter = session.tokens();
            session.save();
            session.save();
            Session fork = session.fork("longer");
            get(fork.generate(turns.turn(1)).result());
            conversation = fork.tokens();
            fork.save();
            get(engine.openSession("not-saved").generate(turns.turn(2)).result());
            Session empty = engine.openSession("empty");
            empty.save();
            assertThatThrownBy(() -> engine.openSession("kept")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> LlamaEngine.start(model, options))
                    .isInstanceOf(LlamaException.class)
                    .hasMessageContaining("in use");
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            assertThat(engine.openSession("not-saved").length()).isZero();
            assertThat(engine.openSession("empty").length()).isZero();
            Session longer = engine.openSession("longer");
            assertThat(longer.tokens()).isEqualTo(conversation);
            CompletionResult result = get(longer.generate(turns.turn(3)).result());
            assertThat(result.tokens()).isEqualTo(turns.reference(conversation, turns.turn(3)));
            assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            assertThat(engine.openSession("kept").tokens()).isEqualTo(shorter);
            longer.close();
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            assertThat(engine.openSession("longer").length()).isZero();
            assertThat(engine.openSession("kept").length()).isEqualTo(shorter.length);
        }
    }

    /** The folder is another engine's after that. */
    @Test
    void nobodyIsAtTheDiskAfterTheEngine() throws Exception {
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            get(engine.openSession().generate(turns.turn(0)).result());
            assertThat(threads()).contains("panllama-sessions");
        }
        assertThat(threads()).doesNotContain("panllama-sessions");
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Test
    void whatIsRewoundIsSavedAgain() throws Exception {
        EngineOptions options = options().sequences(2).sessionFolder(folder).build();
        int[] longer;
        int[] shorter;
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("a");
            get(session.generate(turns.turn(0)).result());
            session.save();
            longer = session.tokens();
            session.rewind(10);
            session.save();
            shorter = session.tokens();
            assertThat(shorter).hasSize(10);
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("a");
            assertThat(session.tokens()).isEqualTo(shorter);
            assertThatThrownBy(() -> engine.openSession("b").fork("a")).isInstanceOf(IllegalStateException.class);
            session.rewind(5);
            session.save();
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session other = engine.openSession("c");
            assertThatThrownBy(() -> other.fork("a"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("saved");
            Session session = engine.openSession("a");
            assertThat(session.tokens()).isEqualTo(Arrays.copyOf(longer, 5));
            assertThat(get(session.generate(turns.turn(1)).result()).tokens())
                    .isEqualTo(turns.reference(Arrays.copyOf(longer, 5), turns.turn(1)));
        }
    }

    /** A state that is larger than the cache of another engine is computed again. */
    @Test
    void aSessionOfALargerContextGoesOnInASmallerOne() throws Exception {
        EngineOptions.Builder large = options().sequences(1).contextSize(1024).sessionFolder(folder);
        try (LlamaEngine engine = LlamaEngine.start(model, large.build())) {
            Session session = engine.openSession("a");
            get(session.generate(greedy("Hello! ".repeat(60))
                            .maxTokens(300)
                            .ignoreEndOfGeneration(true)
                            .build())
                    .result());
            session.save();
        }
        EngineOptions small =
                options().sequences(1).contextSize(256).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, small)) {
            Session session = engine.openSession("a");
            assertThatThrownBy(() -> session.generate(turns.turn(0))).isInstanceOf(IllegalArgumentException.class);
            session.rewind(100);
            assertThat(get(session.generate(greedy("!")
                                            .maxTokens(5)
                                            .ignoreEndOfGeneration(true)
                                            .build())
                                    .result())
                            .tokens())
                    .hasSize(5);
        }
    }

    @Test
    void aDamagedFileIsRefusedWhateverByteIsWrong() throws Exception {
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        Path file = folder.resolve("s.session");
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("s");
            get(session.generate(turns.turn(0)).result());
            session.save();
        }
        byte[] good = Files.readAllBytes(file);
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Random random = new Random(5);
            for (int i = 0; i < 150; i++) {
                byte[] bad = good.clone();
                bad[i < 100 ? i : random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                assertRefused(engine, file, bad);
            }
            for (int i = 0; i < 50; i++) {
                assertRefused(engine, file, Arrays.copyOf(good, random.nextInt(good.length)));
            }
            Files.write(file, good);
            assertThat(engine.openSession("s").length()).isPositive();
        }
    }

    private static void assertRefused(LlamaEngine engine, Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> engine.openSession("s")).isInstanceOf(InvalidStateException.class);
    }
}
