package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a machine with two cards: a library with NVML's functions and made-up figures stands in for the driver. */
class CardsTest {
    private static final String PATH = "panllama.nvml.path";

    @TempDir
    static Path folder;

    private static Path library;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        library = folder.resolve("libnvidia-ml.so.1");
        Path messages = folder.resolve("cc.txt");
        List<String> command = new ArrayList<>(List.of("cc", "-std=c11", "-D_DEFAULT_SOURCE", "-shared", "-fPIC"));
        command.addAll(List.of("-I" + root.resolve("bindings/jextract"), "-o", library.toString()));
        command.add(root.resolve("api/src/test/c/nvml_stand_in.c").toString());
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start()
                .waitFor();
        assertThat(code).as(Files.readString(messages)).isZero();
    }

    @AfterAll
    static void forget() {
        System.clearProperty(PATH);
    }

    private static CommandRun bench(String... args) {
        System.setProperty(PATH, library.toString());
        String model = TestModels.llama().toString();
        return CommandRun.of(Stream.concat(
                        Stream.of("bench", "--model", model, "--threads", "1", "--gpu-layers", "0", "--warm-up", "0"),
                        Stream.of(args))
                .toArray(String[]::new));
    }

    @Test
    void doctorShowsTheCardsAndTheDriver() {
        System.setProperty(PATH, folder.toString());
        CommandRun run = CommandRun.of("doctor");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern("(?m)^NVIDIA +driver 580.82.07, which runs CUDA up to 13.2$")
                .contains("0  Stand-in A80, compute capability 12.0, at 00000000:3B:00.0: 74.5 GiB free of 79.6 GiB,"
                        + " 61 °C, 350 of 700 W")
                .contains("1  Stand-in B1, compute capability 12.1, at 00010000:C1:00.0: 6.1 GiB free of 7.5 GiB,"
                        + " ? °C, ? of ? W");
        Map<?, ?> nvidia = (Map<?, ?>)
                JsonReader.readObject(CommandRun.of("doctor", "--json").out()).get("nvidia");
        assertThat(nvidia).extracting("driver", "cuda", "reason").containsExactly("580.82.07", "13.2", null);
        assertThat((List<?>) nvidia.get("cards")).hasSize(2);
        assertThat((Map<?, ?>) ((List<?>) nvidia.get("cards")).getFirst())
                .extracting("compute_capability", "memory_total", "power_limit_watts", "fault")
                .containsExactly("12.0", 85_520_809_984L, 700.0, null);
    }

    @Test
    void doctorSaysInALineWhyThereIsNone() {
        System.setProperty(PATH, folder.resolve("none.so").toString());
        CommandRun run = CommandRun.of("doctor");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern("(?m)^NVIDIA +no card: .*none.so cannot be opened.*$")
                .doesNotContain("Cards of NVIDIA");
        Map<?, ?> nvidia = (Map<?, ?>)
                JsonReader.readObject(CommandRun.of("doctor", "--json").out()).get("nvidia");
        assertThat((String) nvidia.get("reason")).contains("none.so");
        assertThat((List<?>) nvidia.get("cards")).isEmpty();
    }

    @Test
    void benchTellsPowerAndTokensForAJoule() {
        Map<?, ?> run = run(bench(
                "--parallel",
                "2",
                "--prompt-tokens",
                "8",
                "--generate-tokens",
                "16",
                "--format",
                "json",
                "--gpu-monitor",
                "all"));
        List<?> cards = (List<?>) run.get("cards");
        assertThat(cards).hasSize(2);
        Map<?, ?> first = (Map<?, ?>) cards.getFirst();
        // The made-up counter stands still, so that the power is added up: 350.25 W all the time.
        assertThat(first.get("energy_source")).isEqualTo("power");
        assertThat(number(first, "watts")).isCloseTo(350.25, within(0.01));
        assertThat(number(first, "utilization_percent")).isEqualTo(87);
        assertThat(number(first, "sm_clock_mhz")).isEqualTo(1755);
        assertThat(first.get("throttle_reasons")).isEqualTo(List.of("power_cap", "hardware_thermal_slowdown"));
        double seconds = number(run, "duration_ms") / 1e3;
        assertThat(number(first, "joules")).isBetween(350.25 * seconds, 350.25 * (seconds + 1));
        // The second card tells no energy, and so there is none of both.
        assertThat(((Map<?, ?>) cards.get(1)).get("joules")).isNull();
        assertThat(run.get("joules")).isNull();
        assertThat(run.get("tokens_per_joule")).isNull();
    }

    @Test
    void benchHasARowForEachCardAndOneForAll() {
        CommandRun run =
                bench("--parallel", "2,1", "--prompt-tokens", "8", "--generate-tokens", "4", "--gpu-monitor", "all");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<List<String>> rows = run.out()
                .lines()
                .filter(line -> line.startsWith("|"))
                .map(line ->
                        Stream.of(line.split("\\|")).skip(1).map(String::strip).toList())
                .toList();
        int head = rows.indexOf(rows.stream()
                .filter(row -> row.contains("tokens/J"))
                .findFirst()
                .orElseThrow());
        List<String> header = rows.get(head);
        List<List<String>> cards = rows.subList(head + 2, rows.size());
        assertThat(cards)
                .extracting(row -> row.get(1))
                .containsExactly(
                        "0: Stand-in A80", "1: Stand-in B1", "all", "0: Stand-in A80", "1: Stand-in B1", "all");
        List<String> first = cards.getFirst();
        assertThat(first.get(header.indexOf("W"))).isEqualTo("350.25");
        double joules = Double.parseDouble(first.get(header.indexOf("J")));
        assertThat(Double.parseDouble(first.get(header.indexOf("J/1000 tokens"))))
                .isCloseTo(joules / 64 * 1000, within(0.1 * joules));
        assertThat(first.get(header.indexOf("slowed by"))).isEqualTo("power cap, hardware thermal slowdown");
        assertThat(cards.get(1).get(header.indexOf("slowed by")))
                .as("idle slows nothing")
                .isEqualTo("-");
    }

    @Test
    void benchLeavesCardsOutOnWhichNothingComputes() {
        CommandRun run = bench("--parallel", "1", "--prompt-tokens", "8", "--generate-tokens", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).doesNotContain("tokens/J");
        Map<?, ?> json =
                run(bench("--parallel", "1", "--prompt-tokens", "8", "--generate-tokens", "2", "--format", "json"));
        assertThat(json)
                .extracting("watts", "energy_source", "joules_per_1000_tokens")
                .containsOnlyNulls();
        assertThat((List<?>) json.get("cards")).isEmpty();
    }

    @Test
    void allCardsOfNoneIsAClearFailure() {
        String none = folder.resolve("none.so").toString();
        String model = TestModels.llama().toString();
        System.setProperty(PATH, none);
        CommandRun run = CommandRun.of("bench", "--model", model, "--gpu-layers", "0", "--gpu-monitor", "all");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("panllama: --gpu-monitor all: ")
                .contains(none)
                .hasLineCount(1);
    }

    private static Map<?, ?> run(CommandRun run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return (Map<?, ?>) ((List<?>) JsonReader.readObject(run.out()).get("runs")).getFirst();
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) object.get(name)).doubleValue();
    }
}
