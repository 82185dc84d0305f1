package io.github.panllama.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Upstream's own llama-perplexity, compiled from the pinned source over the libraries that this JVM uses. */
final class UpstreamPerplexity {
    private static final List<String> SOURCES = List.of("main.cpp", "perplexity.cpp");
    private static final Pattern CHUNK = Pattern.compile("\\[\\d+]([0-9.]+),");
    private static final int ATTEMPTS = 20;

    private final Path program;
    private final Path libraries;

    private UpstreamPerplexity(Path program, Path libraries) {
        this.program = program;
        this.libraries = libraries;
    }

    static UpstreamPerplexity compile(Path folder) throws IOException, InterruptedException {
        Path tree = NativeBuild.header().getParent().getParent();
        Path libraries = NativeBuild.library("libllama").getParent();
        Path program = folder.resolve("llama-perplexity");
        List<String> command = new ArrayList<>(List.of(
                "c++",
                "-std=c++17",
                "-O1",
                "-I" + tree.resolve("include"),
                "-I" + tree.resolve("ggml/include"),
                "-I" + tree.resolve("common"),
                "-I" + tree.resolve("vendor"),
                "-o",
                program.toString()));
        for (String source : SOURCES) {
            command.add(source(tree, source, folder).toString());
        }
        for (String library : List.of("libllama-common", "libllama", "libggml", "libggml-base")) {
            command.add(NativeBuild.library(library).toString());
        }
        command.add("-Wl,-rpath," + libraries + ",-rpath-link," + libraries);
        command.add("-lpthread");
        run(command, folder);
        return new UpstreamPerplexity(program, libraries);
    }

    /** Of the pinned tree the build checks out headers alone; the rest is in its repository. */
    private static Path source(Path tree, String name, Path folder) throws IOException, InterruptedException {
        Path file = tree.resolve("tools/perplexity").resolve(name);
        if (Files.exists(file)) {
            return file;
        }
        String text = run(List.of("git", "-C", tree.toString(), "show", "HEAD:tools/perplexity/" + name), folder);
        return Files.writeString(folder.resolve(name), text);
    }

    /**
     * What it prints. It may end before the thread that prints has come to the last line, so it is run again until that
     * is there.
     */
    String output(String lastLine, Path model, Path text, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), "-m", model.toString(), "-f", text.toString(), "-t", "1", "-ngl", "0"));
        command.addAll(List.of(arguments));
        String output = "";
        for (int i = 0; i < ATTEMPTS; i++) {
            // It looks for the backends where it is started.
            output = run(command, libraries);
            if (output.contains(lastLine)) {
                return output;
            }
        }
        throw new AssertionError("no '" + lastLine + "' in " + output);
    }

    /** The perplexity over so many chunks, which must be all. */
    double perplexity(int chunks, Path model, Path text, String... arguments) throws IOException, InterruptedException {
        String output = output("[" + chunks + "]", model, text, arguments);
        List<MatchResult> figures = CHUNK.matcher(output).results().toList();
        assertThat(figures).hasSize(chunks);
        return Double.parseDouble(figures.getLast().group(1));
    }

    /** A number that follows a label, as in {@code Mean    KLD:   0.000123 ±}. */
    static double figure(String output, String label) {
        Matcher matcher = Pattern.compile(label + "\\s*:\\s*(-?[0-9.]+)").matcher(output);
        return matcher.results()
                .map(MatchResult::group)
                .map(line -> Double.parseDouble(
                        line.substring(line.lastIndexOf(':') + 1).strip()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + label + " in " + output));
    }

    private static String run(List<String> command, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " failed: " + output);
        }
        return output;
    }
}
