package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanCommandTest {
    private static CommandRun plan(String... more) {
        List<String> args = new ArrayList<>(
                List.of("plan", "--model", TestModels.llama().toString(), "--gpu-layers", "0"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    @Test
    void showsATableAndWhetherItFits() {
        CommandRun run = plan("--context", "1024");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("weights", "mapped", "cache", "compute", "output", "free")
                .containsPattern("\\| +host \\|")
                .contains("A context of 1024 tokens. It fits.");
    }

    @Test
    void figuresAreInBytesInJson() {
        Map<String, Object> one = JsonReader.readObject(
                plan("--context", "1024", "--load-mode", "read", "--json").out());
        assertThat(one).containsEntry("context", 1024L).containsEntry("fits", true);
        Map<?, ?> host = (Map<?, ?>) ((List<?>) one.get("memory")).getFirst();
        assertThat(host.get("name")).isEqualTo("host");
        assertThat(host.get("mapped_weights")).isEqualTo(0L);
        assertThat(host.get("needed")).isEqualTo(host.get("total"));
        assertThat(one.get("total")).isEqualTo(host.get("total"));
        Map<String, Object> two = JsonReader.readObject(
                plan("--context", "2048", "--load-mode", "read", "--json").out());
        assertThat((long) cache(two)).isEqualTo(2 * (long) cache(one));
        Map<String, Object> smaller = JsonReader.readObject(
                plan("--context", "2048", "--kv-type", "f16", "--batch", "32", "--sequences", "2", "--json")
                        .out());
        assertThat((long) cache(smaller)).isEqualTo(cache(two));
    }

    private static Object cache(Map<String, Object> json) {
        return ((Map<?, ?>) ((List<?>) json.get("memory")).getFirst()).get("cache");
    }

    @Test
    void whatFitsIsChosen() {
        CommandRun run = CommandRun.of(
                "plan",
                "--model",
                TestModels.llama().toString(),
                "--context",
                "auto",
                "--gpu-layers",
                "auto",
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat((long) JsonReader.readObject(run.out()).get("context")).isGreaterThanOrEqualTo(256);
    }

    @Test
    void whatDoesNotFitIsAFailureWithThePlan() {
        CommandRun run = plan(
                "--context", "1048576", "--batch", "131072", "--micro-batch", "131072", "--flash-attention", "disabled");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE);
        assertThat(run.out()).contains("It does not fit.");
    }

    @Test
    void whatMakesNoSenseIsWrongUsage() {
        assertThat(plan("--context", "many").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(plan("--sequences", "300").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(plan("--batch", "0").err()).contains("batchSize is 0");
    }
}
