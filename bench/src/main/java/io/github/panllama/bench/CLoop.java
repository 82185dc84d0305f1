package io.github.panllama.bench;

import io.github.panllama.Llama;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Scanner;

/** A process that runs {@code decode_loop.c}, one run whenever it is told to. Between runs it waits without computing. */
final class CLoop implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    CLoop(Path program, Path model, Workload workload) {
        Path backends =
                Objects.requireNonNull(Llama.libraries().getFirst().path().getParent());
        try {
            process = new ProcessBuilder(List.of(
                            program.toString(),
                            backends.toString(),
                            model.toString(),
                            Integer.toString(workload.sequences()),
                            Integer.toString(workload.prompt()),
                            Integer.toString(workload.warmUp()),
                            Integer.toString(workload.steps()),
                            workload.unified() ? "1" : "0"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts anew, takes the steps of the warm-up, and times the others. */
    Run run() {
        try {
            commands.write('\n');
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("The C program ended");
            }
            try (Scanner numbers = new Scanner(answer)) {
                return new Run(numbers.nextLong(), numbers.nextLong(), Long.parseUnsignedLong(numbers.next()));
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
