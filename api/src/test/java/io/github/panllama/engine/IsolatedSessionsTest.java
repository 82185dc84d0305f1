package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of an engine in another process: their conversations are here, and outlive the process. */
class IsolatedSessionsTest {
    private static LlamaModel model;
    private static Turns turns;

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
    void aTurnCostsItsNewTokensAlone() throws Exception {
        try (LlamaEngine engine = IsolatedFixture.start();
                Session session = engine.openSession()) {
            CompletionResult first = get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            assertThat(conversation)
                    .hasSize(first.usage().promptTokens() + first.tokens().size());
            assertThat(first.tokens()).isEqualTo(turns.reference(new int[0], turns.turn(0)));
            CompletionResult second = get(session.generate(turns.turn(1)).result());
            assertThat(second.tokens()).isEqualTo(turns.reference(conversation, turns.turn(1)));
            assertThat(second.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            assertThat(engine.sessions()).containsExactly(session);
        }
    }

    @Test
    void sessionsGoBackAndFork() throws Exception {
        try (LlamaEngine engine = IsolatedFixture.start();
                Session session = engine.openSession()) {
            get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            List<Integer> expected = turns.reference(conversation, turns.turn(1));
            assertThat(get(session.generate(turns.turn(1)).result()).tokens()).isEqualTo(expected);
            session.rewind(conversation.length);
            try (Session fork = session.fork("other")) {
                assertThat(fork.tokens()).isEqualTo(conversation);
                CompletionResult forked = get(fork.generate(turns.turn(1)).result());
                assertThat(forked.tokens()).isEqualTo(expected);
                assertThat(forked.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
                assertThatThrownBy(() -> session.fork("other")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> engine.openSession("other")).isInstanceOf(IllegalStateException.class);
            }
            assertThat(get(session.generate(turns.turn(1)).result()).tokens()).isEqualTo(expected);
        }
    }

    @Test
    void oneGenerationAtATime() throws Exception {
        try (LlamaEngine engine = IsolatedFixture.start()) {
            Session session = engine.openSession();
            Generation running = session.generate(endless(model, 3000).build());
            assertThatThrownBy(() -> session.generate(turns.turn(0))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> session.rewind(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(session::save).isInstanceOf(IllegalStateException.class);
            session.close();
            assertThat(get(running.result())).isNotNull();
            assertThatThrownBy(() -> session.generate(turns.turn(0))).isInstanceOf(IllegalStateException.class);
            assertThat(engine.sessions()).isEmpty();
        }
    }

    @Test
    void aRefusedTurnChangesNothing() throws Exception {
        try (LlamaEngine engine = IsolatedFixture.start();
                Session session = engine.openSession()) {
            get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            CompletionRequest wrong = CompletionRequest.builder(new int[] {-3}).build();
            assertThatThrownBy(() -> session.generate(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThat(session.tokens()).isEqualTo(conversation);
            assertThat(get(session.generate(turns.turn(1)).result()).tokens())
                    .isEqualTo(turns.reference(conversation, turns.turn(1)));
        }
    }

    @Test
    void savedSessionsAreFoundByTheNextEngine(@TempDir Path folder) throws Exception {
        int[] conversation;
        try (LlamaEngine engine = IsolatedFixture.start(options -> options.sessionFolder(folder))) {
            Session session = engine.openSession("kept");
            get(session.generate(turns.turn(0)).result());
            conversation = session.tokens();
            session.save();
        }
        try (LlamaEngine engine = IsolatedFixture.start(options -> options.sessionFolder(folder));
                Session session = engine.openSession("kept")) {
            assertThat(session.tokens()).isEqualTo(conversation);
            CompletionResult next = get(session.generate(turns.turn(1)).result());
            assertThat(next.tokens()).isEqualTo(turns.reference(conversation, turns.turn(1)));
            assertThat(next.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
        }
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".session")))
                    .isEmpty();
        }
    }

    @Test
    void aSessionGoesOnInTheNextWorker(@TempDir Path folder) throws Exception {
        try (LlamaEngine engine = IsolatedFixture.start(options -> options.sessionFolder(folder))) {
            Session saved = engine.openSession("saved");
            Session other = engine.openSession("other");
            get(saved.generate(turns.turn(0)).result());
            get(other.generate(turns.turn(2)).result());
            saved.save();
            int[] conversation = saved.tokens();
            int[] otherConversation = other.tokens();
            IsolatedFixture.worker(engine).destroyForcibly();

            CompletionResult next = get(generate(saved, turns.turn(1)).result());
            assertThat(next.tokens()).isEqualTo(turns.reference(conversation, turns.turn(1)));
            assertThat(next.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            CompletionResult anew = get(generate(other, turns.turn(3)).result());
            assertThat(anew.tokens()).isEqualTo(turns.reference(otherConversation, turns.turn(3)));
            assertThat(anew.usage().cachedTokens()).isLessThan(otherConversation.length - 1);
            assertThat(Arrays.copyOf(other.tokens(), otherConversation.length)).isEqualTo(otherConversation);
            saved.close();
            other.close();
            try (var files = Files.list(folder)) {
                assertThat(files.filter(file -> file.toString().endsWith(".session")))
                        .isEmpty();
            }
        }
    }

    /** A request that goes out before the crash is noticed may fail with it; the next one does not. */
    private static Generation generate(Session session, CompletionRequest request) {
        try {
            Generation generation = session.generate(request);
            generation.await();
            return generation;
        } catch (EngineCrashedException e) {
            return session.generate(request);
        }
    }
}
