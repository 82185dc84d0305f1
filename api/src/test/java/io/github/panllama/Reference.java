package io.github.panllama;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The program of src/test/c/reference.c, compiled against the headers and libraries that this build uses. */
final class Reference {
    private final Path program;
    private final Path libraries;

    private Reference(Path program, Path libraries) {
        this.program = program;
        this.libraries = libraries;
    }

    static Reference compile() throws IOException, InterruptedException {
        Path libraries = NativeBuild.library("libllama").getParent();
        Path header = NativeBuild.header();
        Path tree = header.getParent().getParent();
        Path program = TestModels.path("reference");
        List<String> command = new ArrayList<>(List.of(
                "cc",
                "-std=c11",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-I" + header.getParent(),
                "-I" + tree.resolve("ggml/include"),
                "-o",
                program.toString(),
                source().toString()));
        for (String library : List.of("libllama", "libggml", "libggml-base")) {
            command.add(NativeBuild.library(library).toString());
        }
        command.add("-Wl,-rpath," + libraries + ",-rpath-link," + libraries);
        run(command, "");
        return new Reference(program, libraries);
    }

    private static Path source() {
        return Path.of(System.getProperty("panllama.test.sources"), "reference.c");
    }

    List<int[]> generate(Path model, Plan plan, int contextSize) throws IOException, InterruptedException {
        return lines("generate", model, plan, contextSize)
                .map(line -> Arrays.stream(line.split(" ", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .toList();
    }

    /** The embeddings of the plan's prompts, all in one batch. */
    List<float[]> embed(Path model, Plan plan, int contextSize, PoolingType pooling, FlashAttention flash)
            throws IOException, InterruptedException {
        return lines("embed", model, plan, contextSize, Integer.toString(pooling.code), Integer.toString(flash.code))
                .map(line -> {
                    String[] words = line.split(" ", -1);
                    float[] floats = new float[words.length];
                    for (int i = 0; i < floats.length; i++) {
                        floats[i] = Float.parseFloat(words[i]);
                    }
                    return floats;
                })
                .toList();
    }

    private Stream<String> lines(String mode, Path model, Plan plan, int contextSize, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                mode,
                libraries.toString(),
                model.toString(),
                "1",
                Integer.toString(contextSize),
                Integer.toString(plan.sequences().size())));
        command.addAll(List.of(more));
        return run(command, plan.toString()).lines();
    }

    private static String run(List<String> command, String input) throws IOException, InterruptedException {
        Path in = Files.writeString(TestModels.path("reference.in"), input);
        Path errors = TestModels.path("reference.err");
        Process process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectError(errors.toFile())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " failed: " + Files.readString(errors));
        }
        return output;
    }
}
