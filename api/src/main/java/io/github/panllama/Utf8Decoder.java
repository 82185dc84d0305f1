package io.github.panllama;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 that arrives in pieces, holding back the bytes of a character that is not whole yet. */
final class Utf8Decoder {
    /** A character has four bytes at most, so that three may wait. */
    private static final int MAX_WAITING = 3;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(MAX_WAITING);

    /** Whether no bytes wait. */
    boolean isEmpty() {
        return waiting.position() == 0;
    }

    /** Decodes what is whole of the bytes that waited and these. */
    String append(byte[] bytes) {
        ByteBuffer in = ByteBuffer.allocate(waiting.position() + bytes.length);
        in.put(waiting.flip()).put(bytes).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, out, false);
        waiting.clear().put(in);
        return out.flip().toString();
    }

    /** Decodes the bytes that wait as the end of the text. */
    String finish() {
        CharBuffer out = CharBuffer.allocate(MAX_WAITING + 1);
        decoder.decode(waiting.flip(), out, true);
        decoder.flush(out);
        decoder.reset();
        waiting = ByteBuffer.allocate(MAX_WAITING);
        return out.flip().toString();
    }
}
