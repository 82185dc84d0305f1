package io.github.panllama;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A prompt for text that fills a gap, as models of code complete it at the cursor: what precedes the gap and what
 * follows it, each after a token of its own, and before them other files of the project. Written down as
 * {@code llama-server}'s {@code /infill} does it.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class FillInMiddle {
    private static final int MAX_DEFAULT_SURROUNDINGS = 2048;
    private static final int DEFAULT_ANSWER = 256;

    /** Stands between files for a model that has no token for it. */
    private static final String SNIPPET = "\n\n--- snippet ---\n\n";

    private final int[] tokens;

    private FillInMiddle(int[] tokens) {
        this.tokens = tokens;
    }

    /** Whether the model's vocabulary has the tokens for gaps. */
    public static boolean isSupported(LlamaModel model) {
        Tokenizer tokenizer = model.tokenizer();
        return tokenizer.type() != VocabularyType.NONE
                && tokenizer.fillPrefix().isPresent()
                && tokenizer.fillSuffix().isPresent()
                && tokenizer.fillMiddle().isPresent();
    }

    /**
     * A builder of a prompt for this model.
     *
     * @throws UnsupportedOperationException if its vocabulary lacks one of the tokens for gaps: prefix, suffix, middle
     */
    public static Builder builder(LlamaModel model) {
        if (!isSupported(model)) {
            throw new UnsupportedOperationException(
                    model + " cannot fill gaps: its vocabulary lacks a token for what is before, after or in them");
        }
        return new Builder(model);
    }

    /** The prompt, to be taken as it is by a generation. What that generates fills the gap. */
    public int[] tokens() {
        return tokens.clone();
    }

    @Override
    public String toString() {
        return "FillInMiddle[%d tokens]".formatted(tokens.length);
    }

    /** A file of the same project. */
    private record OtherFile(String name, String text) {}

    /** Collects a prompt; each setter returns the builder. */
    public static final class Builder {
        private final Tokenizer tokenizer;
        private final List<OtherFile> files = new ArrayList<>();
        private String prefix = "";
        private String suffix = "";
        private String beginning = "";
        private String repository = "myproject";
        private String fileName = "filename";
        private @Nullable Integer surroundings;
        private int maxTokens = DEFAULT_ANSWER;
        private int contextSize;
        private boolean suffixFirst;

        private Builder(LlamaModel model) {
            this.tokenizer = model.tokenizer();
            this.contextSize = model.trainingContextSize();
        }

        /** What precedes the gap; special tokens in it are plain text. */
        public Builder prefix(String text) {
            this.prefix = Objects.requireNonNull(text, "text");
            return this;
        }

        /** What follows the gap; special tokens in it are plain text. */
        public Builder suffix(String text) {
            this.suffix = Objects.requireNonNull(text, "text");
            return this;
        }

        /** What the text in the gap begins with; special tokens that are written out in it count as such. */
        public Builder beginning(String text) {
            this.beginning = Objects.requireNonNull(text, "text");
            return this;
        }

        /**
         * Adds another file of the project, or a piece of one, that the model shall know. The most important one comes
         * last: when there is no room for all, the first ones lose theirs.
         */
        public Builder file(String name, String text) {
            files.add(new OtherFile(Objects.requireNonNull(name, "name"), Objects.requireNonNull(text, "text")));
            return this;
        }

        /** The name of the project, for models that have a token for it; without this, {@code myproject}. */
        public Builder repository(String name) {
            this.repository = Objects.requireNonNull(name, "name");
            return this;
        }

        /** The name of the file with the gap, for models that have a token for it; without this, {@code filename}. */
        public Builder fileName(String name) {
            this.fileName = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Tokens of what is around the gap, three parts of four before it and one after; what is farther away is left
         * out. Without this, {@value #MAX_DEFAULT_SURROUNDINGS}, or half of the context where that is less.
         * ({@code --batch-size} of the server)
         */
        public Builder surroundings(int tokens) {
            this.surroundings = Check.range("surroundings", tokens, 4, ContextOptions.MAX_CONTEXT_SIZE);
            return this;
        }

        /**
         * Tokens of the context that the prompt is for, by which it is known how much of other files there is room for;
         * without this, as many as the model was trained for.
         */
        public Builder contextSize(int tokens) {
            this.contextSize = Check.range("contextSize", tokens, 1, ContextOptions.MAX_CONTEXT_SIZE);
            return this;
        }

        /** The most tokens that will be generated, for which room is kept; without this, {@value #DEFAULT_ANSWER}. */
        public Builder maxTokens(int tokens) {
            this.maxTokens = Check.range("maxTokens", tokens, 0, ContextOptions.MAX_CONTEXT_SIZE);
            return this;
        }

        /** Whether what follows the gap comes first, as some models were trained. ({@code --spm-infill}) */
        public Builder suffixFirst(boolean first) {
            this.suffixFirst = first;
            return this;
        }

        /** The prompt. */
        public FillInMiddle build() {
            int around = surroundings == null ? Math.min(MAX_DEFAULT_SURROUNDINGS, contextSize / 2) : surroundings;
            int[] start = tokenizer.encode(beginning, false, true);
            int[] before = plain(prefix);
            int[] after = plain(suffix);
            int keptBefore = Math.min(before.length, 3 * (around / 4));
            int keptAfter = Math.min(after.length, Math.max(0, around / 4 - (2 + start.length)));
            IntStream first = IntStream.concat(
                    token(tokenizer.fillPrefix()),
                    IntStream.concat(IntStream.of(before).skip(before.length - keptBefore), IntStream.of(start)));
            IntStream second = IntStream.concat(
                    token(tokenizer.fillSuffix()), IntStream.of(after).limit(keptAfter));
            IntStream gap = suffixFirst ? IntStream.concat(second, first) : IntStream.concat(first, second);
            IntStream begin = tokenizer.addsBeginOfText() ? token(tokenizer.beginOfText()) : IntStream.empty();
            return new FillInMiddle(concat(otherFiles(around), begin, gap, token(tokenizer.fillMiddle())));
        }

        /** The end of what is known of the project, as far as there is room. */
        private IntStream otherFiles(int around) {
            IntStream.Builder project = IntStream.builder();
            named(project, tokenizer.fillRepository(), repository);
            for (OtherFile file : files) {
                if (!named(project, tokenizer.fillFileSeparator(), file.name())) {
                    add(project, SNIPPET);
                }
                add(project, file.text());
            }
            named(project, tokenizer.fillFileSeparator(), fileName);
            int[] all = project.build().toArray();
            long room = Math.max(0, contextSize - (long) around - 2L * maxTokens);
            return IntStream.of(all).skip(Math.max(0, all.length - room));
        }

        private boolean named(IntStream.Builder project, OptionalInt token, String name) {
            token.ifPresent(project);
            if (token.isPresent()) {
                add(project, name + "\n");
            }
            return token.isPresent();
        }

        private void add(IntStream.Builder project, String text) {
            IntStream.of(plain(text)).forEach(project);
        }

        private int[] plain(String text) {
            return tokenizer.encode(text, false, false);
        }

        private static IntStream token(OptionalInt token) {
            return token.isPresent() ? IntStream.of(token.getAsInt()) : IntStream.empty();
        }

        private static int[] concat(IntStream... parts) {
            return Stream.of(parts).flatMapToInt(part -> part).toArray();
        }
    }
}
