package io.github.panllama.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** UTF-8 that is refused where it is none: a replaced character would be another prompt. */
final class Utf8 {
    private Utf8() {}

    static String decode(byte[] bytes, String what) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        // A char for a byte at most.
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            throw new FailureException("%s is not UTF-8: the byte 0x%02X at offset %d is no part of a character"
                    .formatted(what, bytes[in.position()], in.position()));
        }
        return out.flip().toString();
    }
}
