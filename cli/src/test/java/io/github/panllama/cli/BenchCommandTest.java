package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
    private static final String MODEL = TestModels.llama().toString();

    @TempDir
    private Path folder;

    private static CommandRun bench(String... args) {
        return CommandRun.of(Stream.concat(
                        Stream.of("bench", "--model", MODEL, "--threads", "1", "--gpu-layers", "0", "--warm-up", "0"),
                        Stream.of(args))
                .toArray(String[]::new));
    }

    private static Map<String, Object> json(String... args) {
        CommandRun run = bench(
                Stream.concat(Stream.of(args), Stream.of("--format", "json")).toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return JsonReader.readObject(run.out());
    }

    private static List<Map<?, ?>> runs(Map<String, Object> report) {
        return ((List<?>) report.get("runs"))
                .stream().<Map<?, ?>>map(run -> (Map<?, ?>) run).toList();
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) object.get(name)).doubleValue();
    }

    @Test
    void tellsCountsThatAddUpAndFiguresThatAgree() {
        Map<String, Object> report = json(
                "--parallel",
                "1,3",
                "--prompt-tokens",
                "20",
                "--generate-tokens",
                "64", // so that all generate at the same time for a while
                "--requests",
                "7",
                "--price-per-hour",
                "3.6",
                "--goodput",
                "ttft:60000,e2el:60000");
        assertThat(Instant.parse((String) report.get("date"))).isBefore(Instant.now());
        assertThat((Map<?, ?>) report.get("model")).extracting("file").isEqualTo(MODEL);
        assertThat((Map<?, ?>) report.get("options"))
                .extracting("prompt_tokens", "generate_tokens", "threads", "rate")
                .containsExactly(20L, 64L, 1L, null);
        assertThat(runs(report)).extracting(run -> run.get("parallel")).isEqualTo(List.of(1L, 3L));
        assertThat(runs(report)).allSatisfy(run -> {
            assertThat(number(run, "requests")).isEqualTo(7);
            assertThat(number(run, "prompt_tokens")).isEqualTo(7 * 20);
            assertThat(number(run, "generated_tokens")).isEqualTo(7 * 64);
            double seconds = number(run, "duration_ms") / 1e3;
            double output = number(run, "output_tokens_per_second");
            double total = number(run, "total_tokens_per_second");
            assertThat(output).isCloseTo(7 * 64 / seconds, within(0.01 * output));
            assertThat(total).isCloseTo(7 * 84 / seconds, within(0.01 * total));
            assertThat(number(run, "requests_per_second")).isCloseTo(output / 64, within(0.01 * output));
            // A thousandth of the currency a second.
            assertThat(number(run, "cost_per_million_output_tokens")).isCloseTo(1e3 / output, within(0.01));
            assertThat(number(run, "cost_per_million_total_tokens")).isCloseTo(1e3 / total, within(0.01));
            assertThat(number(run, "goodput_requests_per_second")).isEqualTo(number(run, "requests_per_second"));
            assertThat(number(run, "s_pp")).isPositive();
            assertThat(number(run, "s_tg")).isPositive();
            assertThat((Map<?, ?>) run.get("device_memory_peak_bytes")).isEmpty();
            Stream.of("ttft_ms", "tpot_ms", "itl_ms", "e2el_ms")
                    .forEach(name -> assertOrdered((Map<?, ?>) run.get(name)));
            assertThat(number((Map<?, ?>) run.get("ttft_ms"), "median"))
                    .isLessThan(number((Map<?, ?>) run.get("e2el_ms"), "median"));
        });
    }

    private static void assertOrdered(Map<?, ?> latency) {
        assertThat(number(latency, "mean")).isPositive();
        assertThat(number(latency, "median")).isPositive().isLessThanOrEqualTo(number(latency, "p95"));
        assertThat(number(latency, "p95")).isLessThanOrEqualTo(number(latency, "p99"));
    }

    @Test
    void printsTablesInMarkdown() {
        CommandRun run = bench(
                "--parallel",
                "2,1",
                "--prompt-tokens",
                "20",
                "--generate-tokens",
                "4",
                "--price-per-hour",
                "1",
                "--goodput",
                "e2el:0.000001",
                "--shared-prefix",
                "18");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<List<String>> rows = run.out()
                .lines()
                .filter(line -> line.startsWith("|"))
                .map(line ->
                        Stream.of(line.split("\\|")).skip(1).map(String::strip).toList())
                .toList();
        assertThat(rows).hasSize(2 + 2 + 2 + 2 * 4);
        List<String> header = rows.getFirst();
        assertThat(header)
                .startsWith(
                        "PP", "TG", "B", "S_PP t/s", "S_TG t/s", "requests", "requests/s", "output t/s", "total t/s")
                .contains("cached %", "goodput, requests/s", "cost/M output", "cost/M total", "host MiB");
        assertThat(rows.subList(0, 4)).allSatisfy(row -> assertThat(row).hasSameSizeAs(header));
        assertThat(rows.get(1)).allMatch(cell -> cell.matches("-+:"));
        assertThat(rows.subList(2, 4)).extracting(row -> row.get(2)).containsExactly("2", "1");
        assertThat(rows.subList(2, 4)).allSatisfy(row -> {
            assertThat(row).startsWith("20", "4").contains("16");
            assertThat(row.get(header.indexOf("goodput, requests/s"))).isEqualTo("0.00");
            assertThat(Double.parseDouble(row.get(header.indexOf("cached %")))).isBetween(50.0, 95.0);
        });
        assertThat(rows.get(4)).containsExactly("B", "ms", "mean", "median", "p95", "p99");
        assertThat(rows.subList(6, 14))
                .extracting(row -> row.get(1))
                .containsExactly("TTFT", "TPOT", "ITL", "E2EL", "TTFT", "TPOT", "ITL", "E2EL");
    }

    @Test
    void requestsThatComeByChanceAreAllServed() {
        Map<?, ?> run = runs(json(
                        "--parallel",
                        "4",
                        "--prompt-tokens",
                        "8",
                        "--generate-tokens",
                        "4",
                        "--requests",
                        "25",
                        "--rate",
                        "500",
                        "--target-latency-ms",
                        "50",
                        "--seed",
                        "5"))
                .getFirst();
        assertThat(number(run, "requests")).isEqualTo(25);
        assertThat(number(run, "generated_tokens")).isEqualTo(25 * 4);
    }

    @Test
    void replicasShareTheRequests() {
        Map<String, Object> report = json(
                "--replicas",
                "3",
                "--parallel",
                "8",
                "--prompt-tokens",
                "8",
                "--generate-tokens",
                "4",
                "--context",
                "300");
        assertThat((Map<?, ?>) report.get("options")).extracting("replicas").isEqualTo(3L);
        Map<?, ?> run = runs(report).getFirst();
        assertThat(number(run, "generated_tokens")).isEqualTo(32 * 4);
        assertThat(number(run, "context_size")).isBetween(300.0, 3 * 512.0);
    }

    @Test
    void anAnswerOfOneTokenHasNoTimeBetweenTokens() {
        Map<?, ?> run = runs(json("--parallel", "2", "--prompt-tokens", "8", "--generate-tokens", "1"))
                .getFirst();
        assertThat(run.get("tpot_ms")).isNull();
        assertThat(run.get("itl_ms")).isNull();
        assertThat(run.get("s_tg")).isNull();
        assertOrdered((Map<?, ?>) run.get("ttft_ms"));
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems do not tell")
    void thePeakOfMemoryIsThatOfTheProcess() {
        Map<?, ?> run = runs(json("--parallel", "1", "--prompt-tokens", "8", "--generate-tokens", "2"))
                .getFirst();
        assertThat(number(run, "host_memory_peak_bytes")).isBetween(1e7, 1e11);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--parallel 0; --parallel is 0, must be in [1, ",
                "--parallel 1,100000; --parallel is 100000, must be in [1, ",
                "--parallel 8 --requests 7; --requests is 7, must be 8 or more",
                "--prompt-tokens 0; --prompt-tokens is 0",
                "--generate-tokens -1; --generate-tokens is -1",
                "--prompt-tokens 8 --shared-prefix 9; --shared-prefix is 9, must be in [0, 8]",
                "--context 10; --context is 10, must be 256 or more",
                "--rate 0; --rate is 0.0, must be positive",
                "--rate Infinity; --rate is Infinity",
                "--target-latency-ms -1; --target-latency-ms is -1.0",
                "--price-per-hour NaN; --price-per-hour is NaN",
                "--warm-up -1; --warm-up is -1.0",
                "--replicas 0; --replicas is 0, must be in [1, ",
                "--replicas 2 --parallel 513; --parallel is 513, must be in [1, 512]",
                "--replicas 2 --context 300; --context is 300, must be 512 or more",
                "--goodput itl:5; 'itl' is none of ttft, tpot, e2el",
                "--goodput ttft; 'ttft' is not a bound such as ttft:500",
                "--format xml; --format"
            })
    void whatCannotBeIsNamed(String args, String message) {
        CommandRun run = CommandRun.of(("bench --model " + MODEL + " " + args).split(" "));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("--help");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aModelThatDoesNotGenerateIsOneClearError() throws IOException {
        Path encoder = folder.resolve("encoder.gguf");
        SyntheticModel.builder(Architecture.NOMIC_BERT).write(encoder);
        CommandRun run = CommandRun.of("bench", "--model", encoder.toString(), "--gpu-layers", "0");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("panllama: ").contains("embeddings").hasLineCount(1);
    }
}
