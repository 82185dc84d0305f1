package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether llama.cpp can load what the headers of a model's files say. llama.cpp asserts much of it, and ends the
 * process where it is not so; here it is an {@link InvalidGgufException}. Every load runs it, unless it is told to trust
 * the file.
 *
 * <p>It reads headers alone, never weights: whether those are numbers, and what a chat template does when it runs, it
 * cannot tell.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class GgufValidator {
    /** What is checked, in this order. */
    public enum Rules {
        /** The form of the file: version, counts, lengths, types, alignment, offsets, unique names. */
        FORMAT,
        /** The parts of a model in several files: their numbers, and that no tensor is in two of them. */
        PARTS,
        /** Layers, widths, the length of the context. */
        LAYERS,
        /** Experts and how many of them a token uses. */
        EXPERTS,
        /** Attention heads: their numbers and lengths, against each other and the tensors. */
        HEADS,
        /** How positions turn keys and queries. */
        ROPE,
        /** Layers that keep a state. */
        STATE_SPACE,
        /** The vocabulary: types and lengths of its arrays, tokens that are there once. */
        TOKENIZER,
        /** The ids of special tokens. */
        SPECIAL_TOKENS,
        /** Length and nesting of chat templates. */
        TEMPLATE,
        /** Types of an adapter's keys, shapes of its tensors. */
        ADAPTER,
        /** Types and sizes of tensors. */
        TENSORS
    }

    /**
     * How a group of rules ended.
     *
     * @param rules the group
     * @param failure the first rule of the group that does not hold, or {@code null} if all do
     */
    public record Finding(Rules rules, @Nullable InvalidGgufException failure) {
        /** Refuses {@code null}. */
        public Finding {
            Objects.requireNonNull(rules, "rules");
        }

        /**
         * Whether all rules of the group hold.
         *
         * @return true if there is no failure
         */
        public boolean passed() {
            return failure == null;
        }
    }

    private static final List<Rules> OF_MODELS = List.of(
            Rules.FORMAT,
            Rules.PARTS,
            Rules.LAYERS,
            Rules.EXPERTS,
            Rules.HEADS,
            Rules.ROPE,
            Rules.STATE_SPACE,
            Rules.TOKENIZER,
            Rules.SPECIAL_TOKENS,
            Rules.TEMPLATE,
            Rules.TENSORS);
    private static final List<Rules> OF_ADAPTERS = List.of(Rules.FORMAT, Rules.ADAPTER, Rules.TENSORS);

    private final ModelHeader header;

    private GgufValidator(ModelHeader header) {
        this.header = header;
    }

    /**
     * A validator of one file that is all of a model, an adapter or another thing.
     *
     * @param file what was read
     * @return the validator
     * @throws InvalidGgufException if the architecture is no text
     */
    public static GgufValidator of(GgufFile file) {
        return of(List.of(file), Map.of());
    }

    /**
     * A validator of a model in any number of files.
     *
     * @param parts its files, in order
     * @param replaced values that a load puts in place of the file's, by key
     * @return the validator
     * @throws IllegalArgumentException if there are no files
     * @throws InvalidGgufException if the architecture is no text
     */
    public static GgufValidator of(List<GgufFile> parts, Map<String, GgufValue> replaced) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts is empty, must have at least one file");
        }
        return new GgufValidator(new ModelHeader(parts, replaced));
    }

    /**
     * Reads a file, and where it is the first part of a model the others beside it, and checks all of it.
     *
     * @param path the file
     * @return each group of rules that there is for such a file; {@link Rules#FORMAT} alone when a file cannot be read
     *     for its form
     * @throws IOException if a file cannot be read for another reason
     */
    public static List<Finding> check(Path path) throws IOException {
        GgufValidator validator;
        try {
            List<GgufFile> parts = new ArrayList<>();
            parts.add(GgufFile.read(path));
            for (Path other : GgufSplit.others(parts.getFirst())) {
                parts.add(GgufFile.read(other));
            }
            validator = of(parts, Map.of());
        } catch (InvalidGgufException e) {
            return List.of(new Finding(Rules.FORMAT, e));
        }
        return validator.findings();
    }

    /**
     * Checks everything.
     *
     * @throws InvalidGgufException over the first rule that does not hold: with the key or tensor, its value and what it
     *     may be, and where in the file it stands
     */
    public void validate() {
        rules().forEach(this::check);
    }

    /**
     * Checks everything, and goes on after a failure.
     *
     * @return each group of rules that there is for such a file, in order
     */
    public List<Finding> findings() {
        return rules().stream().map(this::finding).toList();
    }

    private Finding finding(Rules rules) {
        try {
            check(rules);
            return new Finding(rules, null);
        } catch (InvalidGgufException e) {
            return new Finding(rules, e);
        }
    }

    private void check(Rules rules) {
        switch (rules) {
            case FORMAT -> {} // who read the file has checked it
            case PARTS -> PartRules.check(header);
            case LAYERS -> LayerRules.check(header);
            case EXPERTS -> ExpertRules.check(header);
            case HEADS -> HeadRules.check(header);
            case ROPE -> RopeRules.check(header);
            case STATE_SPACE -> StateSpaceRules.check(header);
            case TOKENIZER -> TokenizerRules.check(header);
            case SPECIAL_TOKENS -> SpecialTokenRules.check(header);
            case TEMPLATE -> TemplateRules.check(header);
            case ADAPTER -> AdapterRules.check(header);
            case TENSORS -> TensorRules.check(header);
        }
        ArchitectureRules.check(header, rules);
    }

    /** As the file itself says what it is: nothing that a load replaces makes an adapter of a model. */
    private List<Rules> rules() {
        return header.first().metadata().isAdapter() ? OF_ADAPTERS : OF_MODELS;
    }
}
