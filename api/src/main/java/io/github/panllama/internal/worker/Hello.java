package io.github.panllama.internal.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The first bytes that a worker sends: a name and a token that only its parent told it. Nobody else who could reach the
 * socket has it.
 */
final class Hello {
    private static final byte[] NAME = "panllama".getBytes(StandardCharsets.US_ASCII);
    private static final int TOKEN_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    static final int BYTES = 8 + TOKEN_BYTES;

    private Hello() {}

    /** A token that was never used, in hexadecimal. */
    static String newToken() {
        byte[] token = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(token);
        return HexFormat.of().formatHex(token);
    }

    /**
     * The bytes.
     *
     * @throws IllegalArgumentException if the token is not hexadecimal, or too short or long
     */
    static ByteBuffer of(String token) {
        return ByteBuffer.wrap(bytes(token));
    }

    private static byte[] bytes(String token) {
        byte[] secret = HexFormat.of().parseHex(token);
        if (secret.length != TOKEN_BYTES) {
            throw new IllegalArgumentException("a token has %d bytes, not %d".formatted(TOKEN_BYTES, secret.length));
        }
        byte[] bytes = Arrays.copyOf(NAME, BYTES);
        System.arraycopy(secret, 0, bytes, NAME.length, TOKEN_BYTES);
        return bytes;
    }

    /** Whether this is the hello with the token. Takes as long for a wrong one as for the right one. */
    static boolean isRight(ByteBuffer hello, String token) {
        byte[] bytes = new byte[hello.remaining()];
        hello.duplicate().get(bytes);
        return MessageDigest.isEqual(bytes, bytes(token));
    }
}
