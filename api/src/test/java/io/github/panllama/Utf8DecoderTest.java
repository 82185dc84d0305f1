package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8DecoderTest {
    private static final int SPLITS = 100_000;

    @Test
    void randomSplitsOfTextGiveTheWholeText() {
        Random random = new Random(1);
        for (int i = 0; i < SPLITS; i++) {
            String text = text(random);
            assertThat(decodeInPieces(random, text.getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(text);
        }
    }

    @Test
    void randomSplitsOfMalformedBytesAreReplacedAsInAWhole() {
        Random random = new Random(2);
        for (int i = 0; i < SPLITS; i++) {
            byte[] bytes = i % 2 == 0 ? damaged(random) : likelyBytes(random);
            assertThat(decodeInPieces(random, bytes))
                    .as(() -> Arrays.toString(bytes))
                    .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static String decodeInPieces(Random random, byte[] bytes) {
        Utf8Decoder decoder = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(random.nextInt(4), bytes.length - at);
            String part = decoder.append(Arrays.copyOfRange(bytes, at, at + length));
            assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
                    .as("half a character came out")
                    .isTrue();
            text.append(part);
            at += length;
        }
        return text.append(decoder.finish()).toString();
    }

    private static String text(Random random) {
        int[] limits = {0x80, 0x800, 0xD800, 0x110000};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            int c = random.nextInt(limits[random.nextInt(limits.length)]);
            text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? 'x' : c);
        }
        return text.toString();
    }

    private static byte[] damaged(Random random) {
        byte[] bytes = text(random).getBytes(StandardCharsets.UTF_8);
        for (int i = bytes.length / 4; i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }

    /** Leading and continuing bytes, the edges of their ranges among them. */
    private static byte[] likelyBytes(Random random) {
        int[] edges = {
            0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1,
            0xf4, 0xf5, 0xf8, 0xfc, 0xff
        };
        byte[] bytes = new byte[random.nextInt(10)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) edges[random.nextInt(edges.length)];
        }
        return bytes;
    }
}
