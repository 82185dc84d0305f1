package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions in a memory that has no room for two of them. */
class SessionMemoryTest {
    private static final int TOKENS = 60;

    private static LlamaModel model;
    /** What one of them takes when it is parked. */
    private static long bytes;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() throws Exception {
        model = EngineFixture.model();
        try (LlamaEngine engine =
                LlamaEngine.start(model, options().sequences(1).build())) {
            get(engine.openSession().generate(turn(0)).result());
            get(engine.openSession().generate(turn(1)).result());
            bytes = engine.stats().sessions().bytes();
        }
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** No two begin alike. */
    private static CompletionRequest turn(int i) {
        return endless(model, TOKENS, (char) ('A' + i) + " story").build();
    }

    private EngineOptions.Builder oneState() {
        return options().sequences(1).contextSize(512).sessionMemory(bytes * 3 / 2);
    }

    private static List<Integer> tokens(Session session, CompletionRequest request) throws Exception {
        return get(session.generate(request).result()).tokens();
    }

    /** What a session says in two turns, when nobody else is there. */
    private static List<List<Integer>> alone(int i) throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(
                        model, options().sequences(1).contextSize(512).build());
                Session session = engine.openSession()) {
            return List.of(tokens(session, turn(i)), tokens(session, turn(i)));
        }
    }

    /** The fork goes on having the state that the session was waiting for; that is no reason to keep others out. */
    @Test
    void aStateThatAForkSharesKeepsNoOtherOut() throws Exception {
        EngineOptions options = oneState().sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session one = engine.openSession();
                Session other = engine.openSession()) {
            tokens(one, turn(0));
            try (Session fork = one.fork()) {
                one.save();
                fork.save();
                tokens(other, turn(1));
                other.save();
                assertThat(tokens(one, turn(0))).isEqualTo(alone(0).getLast());
                assertThat(tokens(other, turn(1))).isEqualTo(alone(1).getLast());
                assertThat(tokens(fork, turn(0))).isEqualTo(alone(0).getLast());
            }
        }
    }

    /** Nothing wakes an engine without a disk, and without others. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionGoesOnWhereItsOwnPlaceTakesItsMemory(boolean disk) throws Exception {
        EngineOptions options = (disk ? oneState().sessionFolder(folder) : oneState()).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session one = engine.openSession();
                Session other = engine.openSession()) {
            assertThat(tokens(one, turn(0))).isEqualTo(alone(0).get(0));
            assertThat(tokens(other, turn(1))).isEqualTo(alone(1).get(0));
            assertThat(tokens(one, turn(0))).isEqualTo(alone(0).get(1));
            assertThat(tokens(other, turn(1))).isEqualTo(alone(1).get(1));
        }
    }

    @Test
    void thoseThatKeepComingDoNotStarveOneThatComesBack() throws Exception {
        try (LlamaEngine engine =
                LlamaEngine.start(model, oneState().sessionFolder(folder).build())) {
            Session session = engine.openSession();
            tokens(session, turn(0));
            tokens(engine.openSession(), turn(1));
            Generation back = session.generate(turn(0));
            List<Generation> others = IntStream.range(2, 10)
                    .mapToObj(i -> engine.openSession().generate(turn(i)))
                    .toList();
            CompletionResult result = get(back.result());
            assertThat(result.tokens()).isEqualTo(alone(0).get(1));
            assertThat(result.usage().cachedTokens()).isGreaterThan(TOKENS);
            assertThat(result.timings().queued())
                    .isLessThan(get(others.getLast().result()).timings().queued());
        }
    }

    /** Saved by an engine with more memory. */
    @Test
    void aStateThatTheMemoryNeverHasRoomForIsComputedAgain() throws Exception {
        EngineOptions large = options().sequences(1).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, large)) {
            Session session = engine.openSession("a");
            tokens(session, turn(0));
            session.save();
        }
        EngineOptions small = options()
                .sequences(1)
                .sessionFolder(folder)
                .sessionMemory(bytes / 2)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, small)) {
            Session session = engine.openSession("a");
            CompletionResult result = get(session.generate(turn(0)).result());
            assertThat(result.tokens()).isEqualTo(alone(0).get(1));
            assertThat(result.usage().cachedTokens()).isZero();
            session.save();
        }
    }

    /** What cannot be written is lost when its room is needed; the disk goes on for others. */
    @Test
    void aDiskThatHasFailedIsAskedAgain() throws Exception {
        Path sessions = folder.resolve("sessions");
        try (LlamaEngine engine =
                LlamaEngine.start(model, oneState().sessionFolder(sessions).build())) {
            Session one = engine.openSession("one");
            tokens(one, turn(0));
            Session other = engine.openSession("other");
            tokens(other, turn(1));
            Path away = folder.resolve("away");
            Files.move(sessions, away);
            assertThat(tokens(one, turn(0))).isEqualTo(alone(0).get(1));
            Files.move(away, sessions);
            other.close();
            get(CompletableFuture.runAsync(one::save));
            assertThat(sessions.resolve("one.session")).exists();
        }
    }
}
