package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionTest {
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
        try (LlamaEngine engine = LlamaEngine.start(model, options().build());
                Session session = engine.openSession()) {
            CompletionResult first = get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            assertThat(session.length())
                    .isEqualTo(first.usage().promptTokens() + first.tokens().size());
            assertThat(first.tokens()).isEqualTo(turns.reference(new int[0], turns.turn(0)));

            CompletionResult second = get(session.generate(turns.turn(1)).result());
            assertThat(second.tokens()).isEqualTo(turns.reference(conversation, turns.turn(1)));
            assertThat(second.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);

            int[] longer = session.tokens();
            CompletionRequest nothingNew = greedy("").maxTokens(8).build();
            assertThat(get(session.generate(nothingNew).result()).tokens())
                    .isEqualTo(turns.reference(longer, nothingNew));
        }
    }

    @Test
    void rewoundItGoesOnFromThere() throws Exception {
        try (LlamaEngine engine =
                        LlamaEngine.start(model, options().sequences(2).build());
                Session session = engine.openSession()) {
            get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            List<Integer> expected =
                    get(session.generate(turns.turn(1)).result()).tokens();
            get(session.generate(turns.turn(2)).result());

            session.rewind(conversation.length);
            assertThat(session.tokens()).isEqualTo(conversation);
            CompletionResult again = get(session.generate(turns.turn(1)).result());
            assertThat(again.tokens()).isEqualTo(expected);
            assertThat(again.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            assertThatThrownBy(() -> session.rewind(session.length() + 1)).isInstanceOf(IllegalArgumentException.class);
            session.rewind(0);
            assertThat(get(session.generate(turns.turn(0)).result()).tokens())
                    .isEqualTo(turns.reference(new int[0], turns.turn(0)));
        }
    }

    @Test
    void forksGoOnFromWhereTheyWereMade() throws Exception {
        EngineOptions options = options().sequences(2).contextSize(2048).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session session = engine.openSession()) {
            get(session.generate(turns.turn(0)).result());
            int[] conversation = session.tokens();
            List<Session> forks = List.of(session.fork(), session.fork("named"), session.fork());
            assertThat(forks.get(1).id()).isEqualTo("named");
            get(session.generate(turns.turn(5)).result()); // the source goes on, and the forks do not notice
            for (int i = 0; i < forks.size(); i++) {
                assertThat(forks.get(i).tokens()).isEqualTo(conversation);
                CompletionResult result =
                        get(forks.get(i).generate(turns.turn(i + 1)).result());
                assertThat(result.tokens()).isEqualTo(turns.reference(conversation, turns.turn(i + 1)));
                assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            }
            assertThatThrownBy(() -> session.fork("named")).isInstanceOf(IllegalStateException.class);
            forks.forEach(Session::close);
        }
    }

    @Test
    void wrongUseIsRefused() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            Session session = engine.openSession();
            Generation running =
                    session.generate(EngineFixture.endless(model, 3000).build());
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> session.generate(turns.turn(0)), () -> session.rewind(0), session::fork)) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("has not ended");
            }
            session.close();
            session.close();
            assertThat(get(running.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThatThrownBy(() -> session.generate(turns.turn(0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");

            Session other = engine.openSession();
            assertThatThrownBy(other::save)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sessionFolder");
            assertThatThrownBy(() -> other.generate(greedy("").build())).isInstanceOf(IllegalArgumentException.class);
            get(other.generate(turns.turn(0)).result()); // not busy after a refusal
            for (String id : List.of("", "../x", "a/b", "a.b", "x".repeat(129), "ä")) {
                assertThatThrownBy(() -> engine.openSession(id)).isInstanceOf(IllegalArgumentException.class);
            }
            LlamaEngine sameEngine = engine;
            sameEngine.close();
            assertThatThrownBy(() -> other.generate(turns.turn(1))).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(engine::openSession).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(other::fork).isInstanceOf(EngineClosedException.class);
            other.close();
        }
    }
}
