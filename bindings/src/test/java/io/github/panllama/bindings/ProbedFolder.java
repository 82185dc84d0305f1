package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A folder with the real libraries, to lay plugins beside, and a JVM of its own that loads them. */
final class ProbedFolder {
    private final Path temp;
    private final Path folder;
    private final Path notes;
    private final Map<String, String> environment = new LinkedHashMap<>();

    ProbedFolder(Path temp) throws IOException {
        this.temp = temp;
        notes = temp.resolve("notes.txt");
        environment("PANLLAMA_TEST_NOTES", notes.toString());
        Path source = Objects.requireNonNull(
                NativeRuntime.get().libraries().getFirst().path().getParent());
        folder = Files.createDirectories(temp.resolve("libraries"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                if (!file.endsWith(NativeIndex.FILE_NAME)) {
                    Files.createSymbolicLink(folder.resolve(file.getFileName()), file);
                }
            }
        }
    }

    Path path() {
        return folder;
    }

    /** The file for what plugins note, which the environment names. */
    Path notes() {
        return notes;
    }

    /** How many lines they have noted. */
    int noted() throws IOException {
        return Files.exists(notes) ? Files.readAllLines(notes).size() : 0;
    }

    Path plugin(String name) {
        return folder.resolve("libggml-" + name + ".so");
    }

    void environment(String name, String value) {
        environment.put(name, value);
    }

    ForkedJvm.Result load(String... options) throws IOException, InterruptedException {
        ForkedJvm jvm = new ForkedJvm()
                .option("--enable-native-access=ALL-UNNAMED")
                .option("-XX:-CreateCoredumpOnCrash")
                .option("-XX:ErrorFile=" + temp.resolve("crash.log"))
                .option("-Djava.io.tmpdir=" + Files.createDirectories(temp.resolve("tmp")))
                .option("-Dpanllama.cache=" + temp.resolve("cache"))
                .option("-Dpanllama.library.path=" + folder);
        environment.forEach(jvm::environment);
        List.of(options).forEach(jvm::option);
        return jvm.run(ReportMain.class);
    }

    void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(temp.resolve("tmp"))) {
            assertThat(files).isEmpty();
        }
    }

    /** Loads the libraries, and tells what is not used. */
    static final class ReportMain {
        private ReportMain() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) {
            NativeRuntime runtime = NativeRuntime.get();
            System.out.println("cpu variant " + runtime.cpuVariant());
            System.out.println("cpu " + runtime.libraries().getLast().path());
            runtime.unavailable().forEach(it -> System.out.println("not used: " + it.what() + ": " + it.reason()));
            System.out.println(
                    "accelerators: " + runtime.acceleratorIdentity().lines().findFirst());
        }
    }
}
