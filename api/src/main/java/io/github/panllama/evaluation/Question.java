package io.github.panllama.evaluation;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A prompt, and how to tell whether what a model says to it is right.
 *
 * {@snippet :
 * Question.builder("2 + 2 =").id("add-1").skill("addition").answer("4").maxTokens(8).build();
 * }
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class Question {
    private static final int DEFAULT_MAX_TOKENS = 256;

    private final String id;
    private final String skill;
    private final @Nullable String prompt;
    private final int[] promptTokens;
    private final @Nullable String answer;
    private final @Nullable Pattern pattern;
    private final @Nullable String answerAfter;
    private final int maxTokens;

    private Question(Builder builder) {
        id = builder.id;
        skill = builder.skill;
        prompt = builder.prompt;
        promptTokens = builder.promptTokens;
        answer = builder.answer;
        pattern = builder.pattern;
        answerAfter = builder.answerAfter;
        maxTokens = builder.maxTokens;
    }

    /** A builder for a prompt of text, in which special tokens that are written out count as such. */
    public static Builder builder(String prompt) {
        return new Builder(Objects.requireNonNull(prompt, "prompt"), new int[0]);
    }

    /** A builder for a prompt of tokens, taken as they are. */
    public static Builder builder(int[] promptTokens) {
        return new Builder(null, promptTokens.clone());
    }

    /** What it is called in reports; may be empty. */
    public String id() {
        return id;
    }

    /** What it asks for, such as {@code addition}: accuracy is told for each skill. May be empty. */
    public String skill() {
        return skill;
    }

    /** The prompt, where it is a text. */
    public Optional<String> prompt() {
        return Optional.ofNullable(prompt);
    }

    /** The answer that is right, word for word, where there is one. */
    public Optional<String> answer() {
        return Optional.ofNullable(answer);
    }

    /** The pattern that a right answer has in it, where there is one. */
    public Optional<Pattern> pattern() {
        return Optional.ofNullable(pattern);
    }

    /** The most tokens that a model may say. */
    public int maxTokens() {
        return maxTokens;
    }

    /** What of a model's text is its answer: all of it, or what follows the last mark; empty where the mark is not. */
    Optional<String> answerIn(String text) {
        if (answerAfter == null) {
            return Optional.of(text.strip());
        }
        int mark = text.lastIndexOf(answerAfter);
        return mark < 0
                ? Optional.empty()
                : Optional.of(text.substring(mark + answerAfter.length()).strip());
    }

    boolean isRight(String given) {
        return answer != null
                ? given.equals(answer.strip())
                : pattern != null && pattern.matcher(given).find();
    }

    int[] promptTokens() {
        return promptTokens.clone();
    }

    /** The name, or the prompt where it has none. */
    @Override
    public String toString() {
        return "Question[%s]".formatted(!id.isEmpty() ? id : prompt != null ? prompt : promptTokens.length + " tokens");
    }

    /** Collects a question; each setter returns the builder. */
    public static final class Builder {
        private final @Nullable String prompt;
        private final int[] promptTokens;
        private String id = "";
        private String skill = "";
        private @Nullable String answer;
        private @Nullable Pattern pattern;
        private @Nullable String answerAfter;
        private int maxTokens = DEFAULT_MAX_TOKENS;

        private Builder(@Nullable String prompt, int[] promptTokens) {
            this.prompt = prompt;
            this.promptTokens = promptTokens;
        }

        /** What it is called in reports. */
        public Builder id(String id) {
            this.id = Objects.requireNonNull(id, "id");
            return this;
        }

        /** What it asks for, such as {@code addition}. */
        public Builder skill(String skill) {
            this.skill = Objects.requireNonNull(skill, "skill");
            return this;
        }

        /** The answer that is right, word for word; white space around it does not count. */
        public Builder answer(String answer) {
            this.answer = Objects.requireNonNull(answer, "answer");
            return this;
        }

        /** What a right answer has in it, anywhere but for {@code ^} and {@code $}. */
        public Builder pattern(Pattern pattern) {
            this.pattern = Objects.requireNonNull(pattern, "pattern");
            return this;
        }

        /**
         * Where the answer begins: after the last such mark, as in {@code </think>}. A text without it has no answer,
         * which is wrong. Without this, all of the text is the answer.
         */
        public Builder answerAfter(String mark) {
            if (mark.isEmpty()) {
                throw new IllegalArgumentException("answerAfter is empty");
            }
            this.answerAfter = mark;
            return this;
        }

        /** The most tokens that a model may say; without this, {@value #DEFAULT_MAX_TOKENS}. */
        public Builder maxTokens(int tokens) {
            this.maxTokens = Bounds.check("maxTokens", tokens, 1, 1 << 20);
            return this;
        }

        /**
         * The question as set so far.
         *
         * @throws IllegalStateException if it has not one of an answer and a pattern
         */
        public Question build() {
            if ((answer == null) == (pattern == null)) {
                throw new IllegalStateException("The question '%s' needs %s"
                        .formatted(
                                id,
                                answer == null
                                        ? "an answer or a pattern"
                                        : "one of an answer and a pattern, and has both"));
            }
            return new Question(this);
        }
    }
}
