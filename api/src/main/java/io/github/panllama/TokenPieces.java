package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What generations ask of each of their tokens, for a whole vocabulary. While weights pass through the processor's caches,
 * calls of C take tens of microseconds for each token.
 */
final class TokenPieces {
    private static final int TYPICAL_LENGTH = 8;

    private final byte[] text;
    private final int[] ends;
    private final byte[] flags;

    private TokenPieces(byte[] text, int[] ends, byte[] flags) {
        this.text = text;
        this.ends = ends;
        this.flags = flags;
    }

    /**
     * Reads a vocabulary.
     *
     * @param vocabulary the {@code llama_vocab}
     * @param size tokens that it has
     */
    static TokenPieces of(MemorySegment vocabulary, int size) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, size);
            MemorySegment flags = arena.allocate(JAVA_BYTE, size);
            int capacity = Math.multiplyExact(size, TYPICAL_LENGTH);
            while (true) {
                MemorySegment text = arena.allocate(capacity);
                int length = LlamaC.panllama_token_pieces(vocabulary, size, text, capacity, ends, flags);
                if (Natives.failed(length)) {
                    throw new LlamaException("Cannot read the vocabulary: " + Natives.lastError());
                }
                if (length <= capacity) {
                    return new TokenPieces(
                            text.asSlice(0, length).toArray(JAVA_BYTE),
                            ends.toArray(JAVA_INT),
                            flags.toArray(JAVA_BYTE));
                }
                capacity = length;
            }
        }
    }

    /** The text of a token, without special ones; {@code null} where it is not ASCII, or cannot be told. */
    @Nullable
    String text(int token) {
        if ((flags[token] & LlamaC.PANLLAMA_PIECE_UNKNOWN()) != 0) {
            return null;
        }
        int start = token == 0 ? 0 : ends[token - 1];
        for (int i = start; i < ends[token]; i++) {
            if (text[i] < 0) {
                return null;
            }
        }
        return new String(text, start, ends[token] - start, StandardCharsets.ISO_8859_1);
    }

    boolean endsGeneration(int token) {
        return (flags[token] & LlamaC.PANLLAMA_PIECE_ENDS_GENERATION()) != 0;
    }
}
