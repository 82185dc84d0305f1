package io.github.panllama;

import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bytes that come in pieces, as tokens do, decoded to the text that the whole of them is. */
public final class Utf8Target implements FuzzTarget {
    @Override
    public void run(byte[] input) {
        Input in = new Input(input);
        Utf8Decoder decoder = new Utf8Decoder();
        // A decoder is as new after an end.
        for (int text = 1 + in.below(3); text > 0; text--) {
            decode(in, decoder, text == 1 ? Integer.MAX_VALUE : in.below(16));
        }
    }

    private static void decode(Input in, Utf8Decoder decoder, int pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces && !in.isEmpty(); i++) {
            byte[] piece = in.bytes(in.below(6));
            all.writeBytes(piece);
            String part = decoder.append(piece);
            Expect.that(
                    part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)),
                    "characters are whole");
            text.append(part);
        }
        text.append(decoder.finish());
        Expect.equal(text.toString(), all.toString(StandardCharsets.UTF_8), "the pieces and the whole");
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                Input.with(0, "\u0003abc\u0001é\u0005😀x"),
                new byte[] {1, 1, 2, (byte) 0xF0, (byte) 0x9F, 2, (byte) 0x98, (byte) 0x80, 1, (byte) 0xC3, 1, 'a'});
    }
}
