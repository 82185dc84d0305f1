package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.LlamaModel;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("encoder.gguf");
        SyntheticModel.builder(Architecture.NOMIC_BERT).write(model);
    }

    private static String[] command(String... args) {
        List<String> all =
                new ArrayList<>(List.of("embed", "--model", model.toString(), "--threads", "1", "--gpu-layers", "0"));
        all.addAll(List.of(args));
        return all.toArray(String[]::new);
    }

    private static CommandRun embed(String... args) {
        return CommandRun.of(command(args));
    }

    private static Map<?, ?> json(CommandRun run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return (Map<?, ?>) JsonReader.read(run.out());
    }

    private static List<?> list(Map<?, ?> object, String name) {
        return (List<?>) object.get(name);
    }

    /** What the API gives. */
    private static List<float[]> expected(String... texts) {
        try (LlamaModel loaded = LlamaModel.load(model);
                Embedder embedder =
                        Embedder.of(loaded, EmbedderOptions.builder().threads(1).build())) {
            return embedder.embed(List.of(texts));
        }
    }

    private static void assertNumbers(List<?> actual, float[] expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(((Number) actual.get(i)).doubleValue()).isCloseTo(expected[i], within(1e-5));
        }
    }

    private static List<Double> numbers(String line) {
        return Arrays.stream(line.strip().split(" +")).map(Double::valueOf).toList();
    }

    @Test
    void printsALineOfNumbersForEachText() {
        List<float[]> expected = expected("one water", "two");
        CommandRun run = embed("one water", "two");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertNumbers(numbers(lines.get(i)), expected.get(i));
        }
    }

    @Test
    void readsTextsFromLinesOfStandardInputOrOfAFile() throws IOException {
        List<float[]> expected = expected("one water", "", "two");
        String text = "one water\n\r\ntwo\n";
        Path file = Files.writeString(folder.resolve("texts.txt"), text);
        for (CommandRun run :
                List.of(CommandRun.withInput(text, command("--json")), embed("--json", "--file", file.toString()))) {
            Map<?, ?> object = json(run);
            assertThat(list(object, "embeddings")).hasSize(3);
            for (int i = 0; i < 3; i++) {
                Map<?, ?> embedding = (Map<?, ?>) list(object, "embeddings").get(i);
                assertThat(((Number) embedding.get("index")).intValue()).isEqualTo(i);
                assertNumbers(list(embedding, "embedding"), expected.get(i));
            }
        }
        Map<?, ?> divided =
                json(CommandRun.withInput("one\nwater\n---\ntwo\n", command("--json", "--separator", "---")));
        assertThat(list(divided, "embeddings")).hasSize(2);
        assertNumbers(
                list((Map<?, ?>) list(divided, "embeddings").get(0), "embedding"),
                expected("one\nwater").getFirst());
    }

    @Test
    void jsonTellsHowTheNumbersCameAbout() {
        Map<?, ?> object = json(embed("--json", "--pooling", "cls", "--normalize", "max", "one water"));
        assertThat(object.get("model")).isEqualTo(model.toString());
        assertThat(object.get("pooling")).isEqualTo("cls");
        assertThat(object.get("normalization")).isEqualTo("max");
        assertThat(((Number) object.get("dimensions")).intValue()).isEqualTo(64);
        Map<?, ?> embedding = (Map<?, ?>) list(object, "embeddings").get(0);
        assertThat(((Number) embedding.get("tokens")).intValue()).isGreaterThan(2);
        assertThat(list(embedding, "embedding").stream()
                        .mapToDouble(number -> Math.abs(((Number) number).doubleValue()))
                        .max()
                        .orElseThrow())
                .isCloseTo(32760, within(0.1));
        assertThat(json(embed("--json", "--normalize", "3", "a")).get("normalization"))
                .isEqualTo("3");
    }

    @Test
    void withoutPoolingEachTokenHasAVector() {
        Map<?, ?> object = json(embed("--json", "--pooling", "none", "one water", "two"));
        assertThat(object.get("normalization")).isEqualTo("none");
        for (Object text : list(object, "embeddings")) {
            Map<?, ?> embedding = (Map<?, ?>) text;
            assertThat(list(embedding, "embeddings")).hasSize(((Number) embedding.get("tokens")).intValue());
        }
        int tokens = ((Number) ((Map<?, ?>) list(object, "embeddings").get(0)).get("tokens")).intValue();
        List<String> lines =
                embed("--pooling", "none", "one water", "two").out().lines().toList();
        assertThat(lines.indexOf("")).isEqualTo(tokens);
        assertThat(lines.getLast()).isNotEmpty();
    }

    @Test
    void comparesTexts() {
        CommandRun run = embed("--similarity", "one water", "two", "one water");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<List<Double>> rows =
                run.out().lines().map(EmbedCommandTest::numbers).toList();
        assertThat(rows).hasSize(3).allSatisfy(row -> assertThat(row).hasSize(3));
        assertThat(rows.get(0).get(0)).isEqualTo(1);
        assertThat(rows.get(0).get(2)).isEqualTo(1);
        assertThat(rows.get(0).get(1)).isEqualTo(rows.get(1).get(0)).isLessThan(0.99);
        Map<?, ?> object = json(embed("--similarity", "--json", "one water", "two"));
        assertThat(list(object, "similarity")).hasSize(2);
    }

    @Test
    void theBundledModelTakesThePlaceOfNone() {
        CommandRun run = CommandRun.of("embed", "--threads", "1", "--gpu-layers", "0", "Hello");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).hasLineCount(1);
    }

    @Test
    void aTextThatIsTooLongIsRefusedOrCut() {
        String text = "long water ".repeat(40);
        CommandRun refused = embed("--max-tokens", "16", "a", text);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("panllama: text 1 has ")
                .contains("may have 16")
                .hasLineCount(1);
        assertThat(refused.out()).isEmpty();
        for (String cut : List.of("end", "beginning")) {
            Map<?, ?> object = json(embed("--max-tokens", "16", "--truncate", cut, "--json", text));
            Map<?, ?> embedding = (Map<?, ?>) list(object, "embeddings").get(0);
            assertThat(((Number) embedding.get("tokens")).intValue()).isEqualTo(16);
        }
        assertThat(embed("--max-tokens", "16", "--truncate", "end", text).out())
                .isNotEqualTo(embed("--max-tokens", "16", "--truncate", "beginning", "b" + text)
                        .out());
    }

    @Test
    void progressIsShownToAPerson() {
        CommandRun run = CommandRun.onTerminal("a\nb\n", command("--batch", "1"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("one on each line").contains("100 % 2 texts");
        assertThat(run.out()).hasLineCount(2);
    }

    @Test
    void wrongUsageIsOneClearError() throws IOException {
        usage(embed("--pooling", "rank", "a"), "use a Reranker");
        usage(embed("--pooling", "nonsense", "a"), "--pooling");
        usage(embed("--normalize", "65", "a"), "'65' is none of");
        usage(embed("--normalize", "-3", "a"), "'-3' is none of");
        usage(embed("--max-tokens", "2049", "a"), "maxTokens is 2049");
        usage(embed("--batch", "0", "a"), "batchSize is 0");
        usage(embed("--similarity", "--pooling", "none", "a"), "--similarity compares whole texts");
        Path file = Files.writeString(folder.resolve("file.txt"), "a");
        usage(embed("--file", file.toString(), "a"), "TEXT and --file are given");
        CommandRun nothing = CommandRun.withInput("", command());
        assertThat(nothing.exitCode()).isEqualTo(1);
        assertThat(nothing.err())
                .contains("There are no texts in standard input")
                .hasLineCount(1);
        CommandRun missing = embed("--file", "no-such-file");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("no-such-file: there is no such file");
    }

    private static void usage(CommandRun run, String message) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
    }
}
