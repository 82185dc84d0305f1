package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.FinishReason;
import io.github.panllama.engine.SoakReferences.Expected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Users of an engine who compare all that they get with what they would get alone. */
final class SoakClients {
    private static final int SESSIONS_OF_EACH = 4;

    private final LlamaEngine engine;
    private final SoakReferences references;
    /** Generations that ended by themselves, and were compared from the first token to the last. */
    final AtomicInteger compared = new AtomicInteger();

    final AtomicInteger ended = new AtomicInteger();

    SoakClients(LlamaEngine engine, SoakReferences references) {
        this.engine = engine;
        this.references = references;
    }

    private enum Mood {
        PLAIN,
        DEADLINE,
        CANCELS,
        READS_SLOWLY,
        STOPS,
        SPECULATES,
        ADAPTED,
        RULED,
        SHIFTS
    }

    /** One request after another. */
    void ask(Random random, long end) throws Exception {
        while (System.nanoTime() < end) {
            Mood mood = Mood.values()[random.nextInt(Mood.values().length)];
            if (mood == Mood.SHIFTS && random.nextInt(3) > 0) {
                mood = Mood.SPECULATES; // those take longer
            }
            Expected expected = one(
                    switch (mood) {
                        case ADAPTED -> references.adapted;
                        case RULED -> references.ruled;
                        case SHIFTS -> references.shifting.isEmpty() ? references.plain : references.shifting;
                        default -> references.plain;
                    },
                    random);
            ask(mood, expected, random);
        }
    }

    private static Expected one(List<Expected> some, Random random) {
        return some.get(random.nextInt(some.size()));
    }

    private void ask(Mood mood, Expected expected, Random random) throws Exception {
        CompletionRequest.Builder request = expected.request().get().priority(random.nextInt(3));
        String text = expected.text();
        if (mood == Mood.DEADLINE) {
            request.timeout(Duration.ofMillis(random.nextInt(1, 60)));
        } else if (mood == Mood.STOPS) {
            int from = random.nextInt(text.length() - 2);
            String stop = text.substring(from, from + 2);
            request.stop(stop);
            text = text.substring(0, text.indexOf(stop));
        } else if (random.nextBoolean()) {
            request.speculation(Speculation.ngram());
        }
        Generation generation = engine.generate(request.build());
        CompletionResult result = read(generation, mood, random);
        check(result, new Expected(expected.request(), expected.tokens(), text));
    }

    private CompletionResult read(Generation generation, Mood mood, Random random) throws Exception {
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        for (GenerationChunk chunk : generation) {
            text.append(chunk.text());
            tokens += chunk.token().isPresent() ? 1 : 0;
            if (mood == Mood.CANCELS && random.nextInt(20) == 0) {
                generation.cancel();
            }
            if (mood == Mood.READS_SLOWLY) {
                LockSupport.parkNanos(300_000); // a reader that is slower than the model
            }
        }
        CompletionResult result = get(generation.result());
        ended.incrementAndGet();
        assertThat(text).hasToString(result.text());
        assertThat(tokens).isEqualTo(result.tokens().size());
        return result;
    }

    private void check(CompletionResult result, Expected expected) {
        if (result.stopText().isPresent()) {
            assertThat(result.text()).isEqualTo(expected.text());
        } else if (result.finishReason() == FinishReason.STOP || result.finishReason() == FinishReason.LENGTH) {
            assertThat(result.tokens()).isEqualTo(expected.tokens());
            compared.incrementAndGet();
        } else {
            assertThat(result.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.DEADLINE);
            assertThat(result.tokens())
                    .isEqualTo(expected.tokens().subList(0, result.tokens().size()));
        }
    }

    /** Goes on with one of its conversations, and then with another. */
    void converse(Random random, long end) throws Exception {
        List<Conversation> mine = new ArrayList<>();
        while (System.nanoTime() < end) {
            if (mine.size() < SESSIONS_OF_EACH) {
                mine.add(new Conversation(random));
            }
            Conversation conversation = mine.get(random.nextInt(mine.size()));
            conversation.goOn(random);
            if (conversation.turn == SoakReferences.TURNS) {
                conversation.session.close();
                mine.remove(conversation);
            }
        }
        mine.forEach(conversation -> conversation.session.close());
    }

    private final class Conversation {
        private final Session session = engine.openSession();
        private final List<Expected> turns;
        private int turn;

        Conversation(Random random) {
            turns = references.conversations.get(random.nextInt(references.conversations.size()));
        }

        void goOn(Random random) throws Exception {
            int before = session.length();
            switch (random.nextInt(6)) {
                case 0 -> {
                    check(read(session.generate(request(random)), Mood.CANCELS, random), turns.get(turn));
                    session.rewind(before); // and says it again another time
                }
                case 1 -> {
                    try (Session fork = session.fork()) {
                        say(fork, random);
                    }
                    assertThat(session.length()).isEqualTo(before);
                }
                case 2 -> {
                    session.save();
                    say(session, random);
                    turn++;
                }
                default -> {
                    say(session, random);
                    turn++;
                }
            }
        }

        private CompletionRequest request(Random random) {
            CompletionRequest.Builder request = turns.get(turn).request().get().priority(random.nextInt(3));
            return (random.nextBoolean() ? request.speculation(Speculation.ngram()) : request).build();
        }

        private void say(Session to, Random random) throws Exception {
            check(read(to.generate(request(random)), Mood.PLAIN, random), turns.get(turn));
        }
    }
}
