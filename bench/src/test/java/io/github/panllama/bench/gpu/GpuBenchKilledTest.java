package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed, as by whoever lends a machine for some minutes, and the one that goes on with it. */
class GpuBenchKilledTest {
    @TempDir
    private Path folder;

    @Test
    void allThatItHadBegunEndsWithItAndTheNextRunGoesOn() throws Exception {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        Path peer = Files.writeString(programs.resolve(PeerProgram.NAME), """
                #!/bin/sh
                echo $$ >"%1$s/number"
                mv "%1$s/number" "%1$s/begun"
                exec sleep 1000
                """.formatted(programs));
        Files.setPosixFilePermissions(peer, PosixFilePermissions.fromString("rwx------"));

        kill(programs);
        List<String> before = measured();
        assertThat(before).singleElement().asString().contains("tiny-dense");
        assertThat(folder.resolve("models")).isNotEmptyDirectory();

        assertThat(GpuBench.run(arguments("--resume").toArray(String[]::new))).isZero();
        assertThat(measured()).hasSize(4).containsAll(before);
        assertThat(folder.resolve("models")).isEmptyDirectory();
    }

    private List<String> arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--cpu", "--quick", "--parallel", "1,2"));
        arguments.addAll(List.of("--output", folder.resolve("results").toString()));
        arguments.addAll(List.of("--models", folder.resolve("models").toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Runs it until the peer has begun, and kills it alone. */
    private void kill(Path programs) throws Exception {
        List<String> command = WorkerProcess.command(GpuBench.class);
        command.add(1, "-Dpanllama.bench.programs=" + programs);
        command.addAll(arguments());
        List<ProcessHandle> begun;
        try (WatchService watch = programs.getFileSystem().newWatchService()) {
            programs.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Process run = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("said").toFile())
                    .start();
            try {
                while (!Files.exists(programs.resolve("begun"))) {
                    assertThat(watch.poll(1, TimeUnit.MINUTES)).isNotNull().matches(key -> key.reset());
                }
                begun = run.descendants().toList();
                long peer = Long.parseLong(
                        Files.readString(programs.resolve("begun")).strip());
                assertThat(begun).extracting(ProcessHandle::pid).contains(peer);
            } finally {
                run.destroyForcibly().waitFor();
            }
        }
        for (ProcessHandle one : begun) {
            one.onExit().get(1, TimeUnit.MINUTES);
        }
    }

    /** Runs of the report that have something of the engine, as they are written. */
    private List<String> measured() throws IOException {
        return Files.readAllLines(folder.resolve("results").resolve("bench.json")).stream()
                .filter(line -> line.contains("\"engine\": {"))
                .map(line -> line.replaceFirst("[,\\]}]+ ?$", ""))
                .toList();
    }
}
