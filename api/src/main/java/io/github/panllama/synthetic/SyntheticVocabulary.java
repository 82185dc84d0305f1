package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A byte-level BPE vocabulary of any size: 256 single bytes, merges of them, then the special tokens.
 *
 * <p>Every text can be split into its tokens and comes back unchanged. Common English words are one token. Immutable.
 */
public final class SyntheticVocabulary {
    /** Begins every text. */
    public static final String BOS = "<|bos|>";
    /** Ends every answer. */
    public static final String EOS = "<|endoftext|>";
    /** Fills up batches. */
    public static final String PAD = "<|pad|>";
    /** Begins a system message. */
    public static final String SYSTEM = "<|system|>";
    /** Begins a user's message. */
    public static final String USER = "<|user|>";
    /** Begins a model's message. */
    public static final String ASSISTANT = "<|assistant|>";
    /** Begins reasoning. Shown in the text, unlike the tokens above. */
    public static final String THINK = "<think>";
    /** Ends reasoning. Shown in the text. */
    public static final String END_THINK = "</think>";

    private static final List<String> CONTROLS = List.of(BOS, EOS, PAD, SYSTEM, USER, ASSISTANT);
    private static final List<String> VISIBLE = List.of(THINK, END_THINK);
    private static final int BYTES = 256;

    /** The smallest vocabulary: the bytes and the special tokens. */
    public static final int MIN_SIZE = BYTES + CONTROLS.size() + VISIBLE.size();

    /** The largest vocabulary, well above those of real models. */
    public static final int MAX_SIZE = 1 << 20;

    // values of tokenizer.ggml.token_type
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final List<String> tokens;
    private final List<String> merges;

    private SyntheticVocabulary(List<String> tokens, List<String> merges) {
        this.tokens = List.copyOf(tokens);
        this.merges = List.copyOf(merges);
    }

    /**
     * Makes a vocabulary.
     *
     * @param size how many tokens, from {@link #MIN_SIZE} to {@link #MAX_SIZE}
     * @return the same one for the same size
     * @throws IllegalArgumentException if the size is too small or too large
     */
    public static SyntheticVocabulary ofSize(int size) {
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "vocabulary size is " + size + ", must be " + MIN_SIZE + " to " + MAX_SIZE);
        }
        List<String> tokens = new ArrayList<>(size);
        for (int b = 0; b < BYTES; b++) {
            tokens.add(ByteAlphabet.of(b));
        }
        MergeList merges = MergeList.of(size - MIN_SIZE);
        tokens.addAll(merges.tokens());
        tokens.addAll(CONTROLS);
        tokens.addAll(VISIBLE);
        return new SyntheticVocabulary(tokens, merges.merges());
    }

    /**
     * How many tokens there are.
     *
     * @return the size asked for
     */
    public int size() {
        return tokens.size();
    }

    /**
     * The tokens by id, as a file holds them: bytes as the visible characters that stand for them.
     *
     * @return an unmodifiable list; the first 256 are the single bytes in order
     */
    public List<String> tokens() {
        return tokens;
    }

    /**
     * The merges, the earliest first.
     *
     * @return an unmodifiable list of pairs of tokens, a space between
     */
    public List<String> merges() {
        return merges;
    }

    /**
     * The id of a special token.
     *
     * @param text such as {@link #EOS}
     * @return its id
     * @throws IllegalArgumentException if it is none of the special tokens
     */
    public int special(String text) {
        int visible = VISIBLE.indexOf(text);
        int index = visible >= 0 ? CONTROLS.size() + visible : CONTROLS.indexOf(text);
        if (index < 0) {
            throw new IllegalArgumentException("'" + text + "' is not a special token");
        }
        return firstSpecial() + index;
    }

    /**
     * Whether a token is one of the special ones.
     *
     * @param id 0 to {@link #size()} - 1
     * @return true from the first special token on
     */
    public boolean isSpecial(long id) {
        return id >= firstSpecial();
    }

    /**
     * The bytes that a token stands for.
     *
     * @param id an ordinary token
     * @return its bytes, not always whole characters
     * @throws IllegalArgumentException if it is a special token
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public byte[] bytes(int id) {
        Objects.checkIndex(id, tokens.size());
        if (isSpecial(id)) {
            throw new IllegalArgumentException("token " + id + " (" + tokens.get(id) + ") is special");
        }
        return ByteAlphabet.decode(tokens.get(id));
    }

    private int firstSpecial() {
        return size() - CONTROLS.size() - VISIBLE.size();
    }

    /** Adds the tokenizer's keys to a file; an encoder's texts end with EOS as well. */
    void describe(GgufWriter writer, boolean addEos) {
        int[] types = new int[size()];
        Arrays.fill(types, NORMAL);
        CONTROLS.forEach(token -> types[special(token)] = CONTROL);
        VISIBLE.forEach(token -> types[special(token)] = USER_DEFINED);
        writer.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", "deepseek-r1-qwen") // digits are single tokens
                .put("tokenizer.ggml.tokens", GgufValue.texts(tokens))
                .put("tokenizer.ggml.token_type", GgufValue.int32s(types))
                .put("tokenizer.ggml.merges", GgufValue.texts(merges))
                .put("tokenizer.ggml.bos_token_id", special(BOS))
                .put("tokenizer.ggml.eos_token_id", special(EOS))
                .put("tokenizer.ggml.padding_token_id", special(PAD))
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_eos_token", addEos);
    }
}
