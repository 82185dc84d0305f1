package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are written beside what they replace: who may read them, and what a crash leaves of them. */
class ReplacedFilesTest {
    @TempDir
    private Path folder;

    /** Writes with everything that writes files: an editor, in place, a split, a quantiser and a saved state. */
    static List<Path> writeAll(Path folder) throws IOException {
        Path edited = folder.resolve("edited.gguf");
        if (!Files.exists(edited)) {
            SyntheticModel.builder(Architecture.LLAMA).write(edited);
        }
        GgufEditor.of(GgufFile.read(edited))
                .set("general.name", GgufValue.text("edited"))
                .write(edited);
        List<Path> written = new ArrayList<>(List.of(edited));
        GgufFile file = GgufFile.read(edited);
        List<Path> parts = GgufSplit.split(file, folder.resolve("part"), GgufSplit.Limits.ofTensors(12));
        written.addAll(parts);
        QuantizationOptions options =
                QuantizationOptions.builder(QuantizationType.Q4_0).keepSplit().build();
        written.addAll(Quantizer.quantize(edited, folder.resolve("quantised.gguf"), options)
                .files());
        written.addAll(Quantizer.quantize(parts.getFirst(), folder.resolve("kept.gguf"), options)
                .files());
        Path state = folder.resolve("state");
        try (LlamaModel model = LlamaModel.load(edited, TestModels.cpu().build());
                LlamaContext context = model.newContext(TestModels.context(64).build())) {
            context.state().save(state);
        }
        written.add(state);
        return written;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw-r--", "r--r-----"})
    void thePermissionsOfWhatIsReplacedAreKept(String permissions) throws IOException {
        List<Path> files = writeAll(folder);
        for (Path file : files) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        }
        assertThat(writeAll(folder))
                .isEqualTo(files)
                .allSatisfy(file -> assertThat(permissions(file)).isEqualTo(permissions));
    }

    @Test
    void nobodyElseReadsAPrivateFileWhileItIsWrittenAnew() throws IOException {
        Path source = TestModels.file(Architecture.LLAMA);
        Path target = Files.createFile(
                folder.resolve("private.gguf"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Set<String> seen = new TreeSet<>();
        new GgufWriter()
                .tensor("t", GgmlType.F32, (_, _) -> seen.addAll(permissionsOfParts()), 8, 4)
                .write(target);
        assertThat(seen).containsExactly("rw-------");
        seen.clear();
        QuantizationResult _ = Quantizer.quantize(
                source,
                target,
                QuantizationOptions.builder(QuantizationType.Q4_0)
                        .progress(_ -> {
                            seen.addAll(permissionsOfParts());
                            return true;
                        })
                        .build());
        assertThat(seen).containsExactly("rw-------");
    }

    private Set<String> permissionsOfParts() {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> permissions = new TreeSet<>();
            files.filter(file -> file.toString().contains(".part-"))
                    .forEach(file -> permissions.add(permissions(file)));
            return permissions;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Seen from below the JVM, by a library that stands before the C library. */
    @Test
    void eachFileIsOnTheDiskBeforeItGetsItsNameAndTheNameAfterwards() throws Exception {
        Path real = folder.toRealPath();
        Path log = folder.resolve("log.txt");
        String output = Fork.run(
                FileWriters.class,
                List.of(),
                Map.of("LD_PRELOAD", compile().toString(), "SYNC_LOG", log.toString()),
                real.toString());
        List<String> events = Files.readAllLines(log);
        List<String> written = output.lines()
                .filter(line -> line.startsWith(FileWriters.WRITTEN))
                .map(line -> line.substring(FileWriters.WRITTEN.length()))
                .toList();
        assertThat(written).hasSizeGreaterThan(6).allSatisfy(file -> {
            int renamed = renamed(events, file);
            String event = events.get(renamed);
            String part = event.substring("rename ".length(), event.length() - file.length() - 1);
            assertThat(events.subList(0, renamed)).contains("sync " + part);
            assertThat(events.subList(renamed, events.size())).contains("sync " + real);
        });
    }

    private static int renamed(List<String> events, String file) {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (events.get(i).startsWith("rename ") && events.get(i).endsWith(" " + file)) {
                return i;
            }
        }
        throw new AssertionError("nothing became " + file + " in " + events);
    }

    private Path compile() throws IOException, InterruptedException {
        Path library = folder.resolve("sync_log.so");
        Path messages = folder.resolve("cc.txt");
        String source = Path.of(System.getProperty("panllama.test.sources"), "sync_log.c")
                .toString();
        int code = new ProcessBuilder(
                        "cc",
                        "-std=c11",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        source,
                        "-ldl")
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start()
                .waitFor();
        assertThat(code).as(Files.readString(messages)).isZero();
        return library;
    }
}
