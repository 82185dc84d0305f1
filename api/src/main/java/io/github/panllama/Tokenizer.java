package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns text into the token ids of a model's vocabulary, and back.
 *
 * <p>Of a model without a vocabulary, which works on ids alone, only {@link #size} and {@link #type} can be asked; the
 * rest throws {@link UnsupportedOperationException}.
 *
 * <p><b>Threads.</b> May be shared by any number of threads, until its model is closed.
 */
public final class Tokenizer {
    private final Handle model;
    private final MemorySegment vocabulary;
    private final boolean present;
    private final int size;
    private volatile @Nullable TokenPieces pieces;

    Tokenizer(Handle model, int size) {
        this.model = model;
        this.vocabulary = model.inside(LlamaC.llama_model_get_vocab(model.pointer()));
        this.present = LlamaC.llama_vocab_type(vocabulary) != LlamaC.LLAMA_VOCAB_TYPE_NONE();
        this.size = size;
    }

    /**
     * Encodes a text as a prompt: with the tokens that the model wants at its start and end, and with special tokens
     * recognised where they are written out.
     */
    public int[] encode(String text) {
        return encode(text, true, true);
    }

    /**
     * Encodes a text. ({@code llama_tokenize})
     *
     * @param text any text; a lone surrogate becomes {@code ?}
     * @param addSpecial whether to add the tokens that the model wants at the start and the end
     * @param parseSpecial whether a special token that is written out, such as {@code <|im_end|>}, becomes that token;
     *     {@code false} for text from people that one does not trust
     * @throws LlamaException if the vocabulary cannot encode it
     */
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        byte[] bytes = Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(JAVA_BYTE, bytes);
            // A token is at least a byte, but for the few that are added.
            int capacity = bytes.length + 8;
            while (true) {
                MemorySegment out = arena.allocate(JAVA_INT, capacity);
                int count = LlamaC.panllama_tokenize(
                        vocabulary(), in, bytes.length, out, capacity, addSpecial, parseSpecial);
                if (count >= 0) {
                    return checked(out.asSlice(0, (long) count * Integer.BYTES).toArray(JAVA_INT));
                }
                if (Natives.failed(count)) {
                    throw new LlamaException("Cannot tokenize the text: " + Natives.lastError());
                }
                if (count == Integer.MIN_VALUE) {
                    throw new IllegalArgumentException("The text has " + bytes.length + " bytes: too many");
                }
                capacity = -count;
            }
        }
    }

    /** Some vocabularies have no token for a text, not even one that stands for the unknown. */
    private int[] checked(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= size) {
                throw new LlamaException("Cannot tokenize the text: the vocabulary has no token for a part of it");
            }
        }
        return tokens;
    }

    /** Decodes tokens to text, leaving out special ones. */
    public String decode(int... tokens) {
        return decode(tokens, false);
    }

    /**
     * Decodes tokens to text. ({@code llama_detokenize}) Bytes that are no UTF-8 become U+FFFD.
     *
     * @param special whether special tokens are written out
     */
    public String decode(int[] tokens, boolean special) {
        return new String(decodeBytes(tokens, special), StandardCharsets.UTF_8);
    }

    /** Decodes tokens to bytes, which need not be whole characters of UTF-8. */
    public byte[] decodeBytes(int[] tokens, boolean special) {
        for (int token : tokens) {
            checkToken(token);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(JAVA_INT, tokens);
            return bytes(
                    arena,
                    16 + tokens.length * 8,
                    (buffer, capacity) -> LlamaC.panllama_detokenize(
                            vocabulary(), in, tokens.length, buffer, capacity, false, special));
        }
    }

    /**
     * The bytes of one token, which need not be a whole character. ({@code llama_token_to_piece})
     *
     * @param special whether a special token is written out; otherwise it has no bytes
     */
    public byte[] piece(int token, boolean special) {
        checkToken(token);
        try (Arena arena = Arena.ofConfined()) {
            return bytes(
                    arena,
                    64,
                    (buffer, capacity) ->
                            LlamaC.panllama_token_to_piece(vocabulary(), token, buffer, capacity, 0, special));
        }
    }

    /** A decoder for tokens that arrive one by one; leaves out special tokens. */
    public StreamingDecoder newStreamingDecoder() {
        return newStreamingDecoder(false);
    }

    /**
     * A decoder for tokens that arrive one by one.
     *
     * @param special whether special tokens are written out
     */
    public StreamingDecoder newStreamingDecoder(boolean special) {
        return new StreamingDecoder(this, special);
    }

    /** Number of tokens in the vocabulary; ids are below it. */
    public int size() {
        return size;
    }

    /** How the vocabulary splits text. ({@code llama_vocab_type}) */
    public VocabularyType type() {
        return VocabularyType.of(LlamaC.llama_vocab_type(LlamaC.llama_model_get_vocab(model.pointer())));
    }

    /** The text of a token as the vocabulary stores it, which is not yet the text that it stands for. */
    public String text(int token) {
        checkToken(token);
        return Natives.string(LlamaC.llama_vocab_get_text(vocabulary(), token));
    }

    /** The score of a token, in vocabularies that have scores. */
    public float score(int token) {
        checkToken(token);
        return LlamaC.llama_vocab_get_score(vocabulary(), token);
    }

    /** What kind of token it is. */
    public Set<TokenAttribute> attributes(int token) {
        checkToken(token);
        return TokenAttribute.of(LlamaC.llama_vocab_get_attr(vocabulary(), token));
    }

    /** Whether a generation ends with this token: end of text, end of turn, and their like. */
    public boolean isEndOfGeneration(int token) {
        checkToken(token);
        return pieces().endsGeneration(token);
    }

    /** What generations ask of their tokens. */
    TokenPieces pieces() {
        MemorySegment open = vocabulary();
        TokenPieces made = pieces;
        if (made == null) {
            made = TokenPieces.of(open, size);
            pieces = made; // made twice at worst
        }
        return made;
    }

    /** Whether the token is a mark for the model rather than text. */
    public boolean isControl(int token) {
        checkToken(token);
        return LlamaC.llama_vocab_is_control(vocabulary(), token);
    }

    /** The token that begins a text (BOS). */
    public OptionalInt beginOfText() {
        return optional(LlamaC.llama_vocab_bos(vocabulary()));
    }

    /** The token that ends a text (EOS). */
    public OptionalInt endOfText() {
        return optional(LlamaC.llama_vocab_eos(vocabulary()));
    }

    /** The token that ends a turn of a conversation (EOT). */
    public OptionalInt endOfTurn() {
        return optional(LlamaC.llama_vocab_eot(vocabulary()));
    }

    /** The token between two texts. */
    public OptionalInt separator() {
        return optional(LlamaC.llama_vocab_sep(vocabulary()));
    }

    /** The token of a line break. */
    public OptionalInt newline() {
        return optional(LlamaC.llama_vocab_nl(vocabulary()));
    }

    /** The token that fills up. */
    public OptionalInt padding() {
        return optional(LlamaC.llama_vocab_pad(vocabulary()));
    }

    /** The token that stands for a hidden one. */
    public OptionalInt mask() {
        return optional(LlamaC.llama_vocab_mask(vocabulary()));
    }

    /** The token before the text that precedes a gap (fill in the middle). */
    public OptionalInt fillPrefix() {
        return optional(LlamaC.llama_vocab_fim_pre(vocabulary()));
    }

    /** The token before the text that follows a gap. */
    public OptionalInt fillSuffix() {
        return optional(LlamaC.llama_vocab_fim_suf(vocabulary()));
    }

    /** The token before the text that fills a gap. */
    public OptionalInt fillMiddle() {
        return optional(LlamaC.llama_vocab_fim_mid(vocabulary()));
    }

    /** The token that fills up a gap's surroundings. */
    public OptionalInt fillPadding() {
        return optional(LlamaC.llama_vocab_fim_pad(vocabulary()));
    }

    /** The token before the name of a repository, in models that fill gaps in several files. */
    public OptionalInt fillRepository() {
        return optional(LlamaC.llama_vocab_fim_rep(vocabulary()));
    }

    /** The token before a file, in models that fill gaps in several files. */
    public OptionalInt fillFileSeparator() {
        return optional(LlamaC.llama_vocab_fim_sep(vocabulary()));
    }

    /** Whether the model wants {@link #beginOfText()} at the start. */
    public boolean addsBeginOfText() {
        return LlamaC.llama_vocab_get_add_bos(vocabulary());
    }

    /** Whether the model wants {@link #endOfText()} at the end. */
    public boolean addsEndOfText() {
        return LlamaC.llama_vocab_get_add_eos(vocabulary());
    }

    /** Whether the model wants {@link #separator()} between two texts. */
    public boolean addsSeparator() {
        return LlamaC.llama_vocab_get_add_sep(vocabulary());
    }

    private MemorySegment vocabulary() {
        model.pointer();
        if (!present) {
            throw new UnsupportedOperationException("The model has no vocabulary");
        }
        return vocabulary;
    }

    private void checkToken(int token) {
        Check.index("token", token, size);
    }

    private static OptionalInt optional(int token) {
        return token == LlamaC.LLAMA_TOKEN_NULL() ? OptionalInt.empty() : OptionalInt.of(token);
    }

    /** A C function that writes bytes: answers how many, or the negative of how many it needs. */
    private interface BytesWriter {
        int write(MemorySegment buffer, int capacity);
    }

    private static byte[] bytes(Arena arena, int capacity, BytesWriter writer) {
        while (true) {
            MemorySegment buffer = arena.allocate(capacity);
            int count = writer.write(buffer, capacity);
            if (count >= 0) {
                return buffer.asSlice(0, count).toArray(JAVA_BYTE);
            }
            if (Natives.failed(count)) {
                throw new LlamaException("Cannot decode the tokens: " + Natives.lastError());
            }
            capacity = -count;
        }
    }
}
