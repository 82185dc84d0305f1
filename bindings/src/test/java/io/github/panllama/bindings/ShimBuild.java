package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Compiles the shim again, wrongly, from the sources and headers that the native build left. */
final class ShimBuild {
    private static final Path NATIVE = Path.of("../native").toAbsolutePath().normalize();

    private ShimBuild() {}

    /** The root of llama.cpp's source tree: the one named by LLAMA_SOURCE, else the one that the native build unpacked. */
    static Path headers() throws IOException {
        String named = System.getenv("LLAMA_SOURCE");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        try (Stream<Path> files = Files.walk(NATIVE.resolve("target"), 4)) {
            return files.filter(path -> path.endsWith("include/llama.h"))
                    .map(path -> path.getParent().getParent())
                    .filter(tree -> Files.isDirectory(tree.resolve("ggml/include")))
                    .findFirst()
                    .orElseThrow(
                            () -> new AssertionError("no llama.h below " + NATIVE + "/target: build native first"));
        }
    }

    /** A copy of the headers in which llama_context_params begins with one field more. */
    static Path headersWithAFieldMore(Path target) throws IOException {
        for (String part : List.of("include", "ggml/include")) {
            Path copy = Files.createDirectories(target.resolve(part));
            try (Stream<Path> files = Files.list(headers().resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        Path header = target.resolve("include/llama.h");
        String text = Files.readString(header);
        String begin = "struct llama_context_params {";
        assertThat(text).contains(begin);
        Files.writeString(header, text.replace(begin, begin + " uint32_t one_field_more;"));
        return target;
    }

    /** Puts a shim into the folder that was compiled with these headers and says that it is for this release. */
    static void compile(Path folder, Path headers, String release) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O0", "-fPIC", "-shared"));
        command.add("-DPANLLAMA_RELEASE=\"" + release + "\"");
        command.addAll(List.of("-I" + headers.resolve("include"), "-I" + headers.resolve("ggml/include")));
        command.addAll(
                List.of("-I" + headers().resolve("common"), "-I" + headers().resolve("vendor")));
        try (Stream<Path> sources = Files.list(NATIVE.resolve("src"))) {
            sources.map(Path::toString)
                    .filter(name -> name.endsWith(".cpp"))
                    .sorted()
                    .forEach(command::add);
        }
        // As the real one: it needs libllama-common's types when it is loaded.
        try (Stream<Path> libraries = Files.list(folder)) {
            libraries
                    .map(Path::toString)
                    .filter(name -> name.contains("libllama-common."))
                    .forEach(command::add);
        }
        command.addAll(List.of("-Wl,--allow-shlib-undefined", "-Wl,-rpath,$ORIGIN"));
        command.addAll(List.of("-o", folder.resolve("libpanllama.so").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
