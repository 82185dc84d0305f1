package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ModelOptions;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MachineFlagsTest {
    private static ModelOptions options(String... arguments) {
        return CommandLine.populateCommand(new MachineFlags(), arguments)
                .modelOptions()
                .build();
    }

    @Test
    void whatCannotFitIsRefusedUnlessThatIsNotWanted() {
        assertThat(options().memoryCheck()).isTrue();
        assertThat(options("--gpu-layers", "0", "--no-memory-check").memoryCheck())
                .isFalse();
    }

    @Test
    void everyCommandThatComputesHasIt() {
        for (String command : new String[] {"generate", "chat", "embed", "rerank", "evaluate", "bench"}) {
            assertThat(CommandRun.of(command, "--help").out()).as(command).contains("--no-memory-check");
        }
    }
}
