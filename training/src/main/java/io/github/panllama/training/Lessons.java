package io.github.panllama.training;

import io.github.panllama.training.corpus.ChatFormat;
import io.github.panllama.training.corpus.Conversation;
import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Segment;
import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.tokenizer.Vocabulary;
import io.github.panllama.training.tokenizer.VocabularyTrainer;
import io.github.panllama.training.transformer.Documents;
import io.github.panllama.training.transformer.Documents.Document;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Conversations as tokens. */
final class Lessons {
    private static final List<String> SPECIAL = List.of(
            ChatFormat.BEGIN,
            ChatFormat.END,
            ChatFormat.USER,
            ChatFormat.ASSISTANT,
            ChatFormat.THINK,
            ChatFormat.THOUGHT,
            ChatFormat.CALLS_BEGIN,
            ChatFormat.CALLS_END,
            ChatFormat.CALL_BEGIN,
            ChatFormat.CALL_END,
            ChatFormat.SEPARATOR,
            ChatFormat.OUTPUT_BEGIN,
            ChatFormat.OUTPUT_END);
    private static final int CONVERSATIONS_FOR_VOCABULARY = 20_000;

    private final long seed;
    private final Recipe recipe;
    private final List<Corpus> phases;
    private final Vocabulary vocabulary;
    private @Nullable String digest;

    Lessons(long seed, Recipe recipe) {
        this.seed = seed;
        this.recipe = recipe;
        phases = recipe.phases().stream()
                .map(phase -> Corpus.of(seed, phase.skills()))
                .toList();
        // One vocabulary for all models: that of all skills.
        Corpus everything = Corpus.of(seed);
        SplittableRandom random = new SplittableRandom(seed);
        Stream<String> texts = IntStream.range(0, CONVERSATIONS_FOR_VOCABULARY)
                .mapToObj(i -> everything.next(random))
                .flatMap(conversation -> ChatFormat.segments(conversation).stream())
                .filter(segment -> !segment.special())
                .map(Segment::text);
        vocabulary =
                new VocabularyTrainer().add(texts).train(SPECIAL, recipe.shape().vocabulary());
    }

    /** SHA-256 of 20,000 conversations of each phase, by which two corpora are told apart. */
    String digest() {
        if (digest == null) {
            digest = computeDigest();
        }
        return digest;
    }

    private String computeDigest() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (Corpus corpus : phases) {
                SplittableRandom random = new SplittableRandom(seed);
                for (int i = 0; i < CONVERSATIONS_FOR_VOCABULARY; i++) {
                    for (Segment segment : ChatFormat.segments(corpus.next(random))) {
                        sha256.update(segment.text().getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** What one batch of one step learns from; the same whenever it is asked for. */
    Documents batch(int step, int index) {
        // Consecutive seeds give independent streams; seeds a multiple of its increment apart would give the same one,
        // shifted.
        SplittableRandom random = new SplittableRandom((seed << 32) + (long) step * recipe.batches() + index);
        Corpus corpus = phases.get(recipe.phaseOf(step));
        List<Document> documents = new ArrayList<>();
        int places = 0;
        while (places < Recipe.BATCH) {
            Document document = document(corpus.next(random), true);
            if (document.places() <= recipe.shape().context()) {
                documents.add(document);
                places += document.places();
            }
        }
        return Documents.of(documents);
    }

    /** Held-out conversations of which only the last turn counts. */
    List<Documents> heldOut(Skill skill, int count) {
        return phases.getFirst().heldOut(skill, count).stream()
                .map(conversation -> Documents.of(List.of(document(conversation, false))))
                .toList();
    }

    private Document document(Conversation conversation, boolean earlierTurns) {
        List<Segment> segments = ChatFormat.segments(conversation);
        int answer = ChatFormat.prompt(conversation).length();
        List<Integer> tokens = new ArrayList<>();
        List<Boolean> trained = new ArrayList<>();
        int at = 0;
        for (Segment segment : segments) {
            List<Integer> ids = segment.special()
                    ? List.of(vocabulary.specialId(segment.text()))
                    : vocabulary.encode(segment.text());
            boolean learnt = segment.trained() && (earlierTurns || at >= answer);
            for (int id : ids) {
                tokens.add(id);
                trained.add(learnt);
            }
            at += segment.text().length();
        }
        boolean[] flags = new boolean[trained.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = trained.get(i);
        }
        return new Document(tokens.stream().mapToInt(Integer::intValue).toArray(), flags);
    }
}
