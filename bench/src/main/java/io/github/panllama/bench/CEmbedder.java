package io.github.panllama.bench;

import io.github.panllama.Llama;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Scanner;

/** A process that runs {@code embed_loop.c}, one run whenever it is told to. Between runs it waits without computing. */
final class CEmbedder implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    CEmbedder(Path program, Path model, int batchSize, boolean flash, Path texts) {
        Path backends =
                Objects.requireNonNull(Llama.libraries().getFirst().path().getParent());
        try {
            process = new ProcessBuilder(List.of(
                            program.toString(),
                            backends.toString(),
                            model.toString(),
                            Integer.toString(batchSize),
                            flash ? "-1" : "0",
                            texts.toString()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Embeds all texts, many in a batch. */
    Run run() {
        return run("");
    }

    /** The embeddings, {@code dimensions} numbers each; each text in a batch of its own, if {@code alone}. */
    List<float[]> embeddings(boolean alone, int dimensions) {
        try {
            Path file = Files.createTempFile("panllama-bench", ".embeddings");
            try {
                run((alone ? "=" : "") + file);
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
                List<float[]> embeddings = new ArrayList<>();
                while (bytes.hasRemaining()) {
                    float[] embedding = new float[dimensions];
                    bytes.asFloatBuffer().get(embedding);
                    bytes.position(bytes.position() + dimensions * Float.BYTES);
                    embeddings.add(embedding);
                }
                return embeddings;
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Run run(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("The C program ended");
            }
            try (Scanner numbers = new Scanner(answer)) {
                return new Run(numbers.nextLong(), numbers.nextLong(), 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            commands.close();
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
