package io.github.panllama.evaluation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts to measure a model on, in files. */
public final class TextFile {
    private TextFile() {}

    /**
     * Reads a text as upstream's tools do: without the line break at its end, which no model can expect.
     *
     * @throws EvaluationException if the file is not UTF-8; names the offset of the byte
     * @throws IOException if the file cannot be read
     */
    public static String read(Path file) throws IOException {
        String text = decode(Files.readAllBytes(file), file);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** All of a file; a replaced character would be another text. */
    static String decode(byte[] bytes, Path file) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        // A char for a byte at most.
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            throw new EvaluationException("%s is not UTF-8: the byte 0x%02X at offset %d is no part of a character"
                    .formatted(file, bytes[in.position()], in.position()));
        }
        return out.flip().toString();
    }
}
