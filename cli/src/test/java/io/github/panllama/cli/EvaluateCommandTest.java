package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    @TempDir
    private Path folder;

    private String model;
    private String text;

    @BeforeEach
    void write() throws IOException {
        model = TestModels.llama().toString();
        text = Files.writeString(folder.resolve("text.txt"), "one two three 4 5 6 and so on. ".repeat(60) + "\n")
                .toString();
    }

    private CommandRun evaluate(String... args) {
        String[] all = new String[args.length + 7];
        System.arraycopy(args, 0, all, 7, args.length);
        List<String> first = List.of("evaluate", "--model", model, "--threads", "1", "--gpu-layers", "0");
        for (int i = 0; i < first.size(); i++) {
            all[i] = first.get(i);
        }
        return CommandRun.of(all);
    }

    private static Map<?, ?> json(CommandRun run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return (Map<?, ?>) JsonReader.read(run.out());
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) object.get(name)).doubleValue();
    }

    @Test
    void tellsThePerplexityOfAText() {
        CommandRun run = evaluate("--text-file", text, "--window", "128");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("windows of 128 tokens").containsPattern("perplexity +[0-9.]+ ± [0-9.]+\n");

        Map<?, ?> perplexity =
                (Map<?, ?>) json(evaluate("--text-file", text, "--window", "128", "--chunks", "2", "--json"))
                        .get("perplexity");
        assertThat(number(perplexity, "chunks")).isEqualTo(2);
        assertThat(number(perplexity, "tokens")).isEqualTo(2 * 63);
        assertThat(number(perplexity, "perplexity")).isGreaterThan(1);
    }

    @Test
    void comparesWithAReference() throws IOException {
        Path coarse = folder.resolve("q4.gguf");
        SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.Q4_0).write(coarse);
        Map<?, ?> report =
                json(evaluate("--reference", coarse.toString(), "--text-file", text, "--window", "128", "--json"));
        Map<?, ?> comparison = (Map<?, ?>) report.get("comparison");
        assertThat(report.get("reference")).isEqualTo(coarse.toString());
        assertThat(number((Map<?, ?>) comparison.get("kl_divergence"), "mean")).isGreaterThan(0.01);
        assertThat(number(comparison, "top1_agreement")).isBetween(0.1, 0.999);

        CommandRun run = evaluate("--reference", model, "--text-file", text, "--window", "128");
        assertThat(run.out())
                .containsPattern("KL divergence +0.000000")
                .containsPattern("same likeliest token +100.000 %");
    }

    @Test
    void putsQuestions() throws IOException {
        Path questions = Files.writeString(folder.resolve("questions.jsonl"), """
                {"id": "any", "skill": "easy", "prompt": "Hello", "pattern": "", "max_tokens": 4}

                {"id": "none", "skill": "hard", "prompt": [1, 2, 3], "answer": "not this", "max_tokens": 4}
                {"skill": "hard", "messages": [{"role": "user", "content": "Hello"}], "answer": "nor \\u0074his", "max_tokens": 4}
                """);
        Map<?, ?> result = (Map<?, ?>)
                json(evaluate("--questions", questions.toString(), "--json")).get("questions");
        assertThat(number(result, "accuracy")).isCloseTo(1 / 3.0, within(1e-9));
        assertThat(number((Map<?, ?>) ((Map<?, ?>) result.get("skills")).get("hard"), "total"))
                .isEqualTo(2);
        assertThat((List<?>) result.get("wrong")).hasSize(2);
        Map<?, ?> last = (Map<?, ?>) ((List<?>) result.get("wrong")).get(1);
        assertThat(last.get("id")).isEqualTo("4");
        assertThat(last.get("expected")).isEqualTo("nor this");

        CommandRun run = evaluate("--questions", questions.toString());
        assertThat(run.out())
                .containsPattern("right +33.33 % +1 of 3")
                .containsPattern("hard +0.00 % +0 of 2")
                .contains("wrong: none: \"not this\" expected");
    }

    @Test
    void aDamagedTextIsOneClearError() throws IOException {
        Path damaged = folder.resolve("damaged.txt");
        byte[] bytes = "one two three".getBytes(StandardCharsets.UTF_8);
        bytes[4] = (byte) 0xFF;
        Files.write(damaged, bytes);
        refused(evaluate("--text-file", damaged.toString()), "damaged.txt is not UTF-8: the byte 0xFF at offset 4");
        refused(evaluate("--questions", damaged.toString()), "damaged.txt is not UTF-8: the byte 0xFF at offset 4");
    }

    @Test
    void whatCannotBeEvaluatedIsOneClearError() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), "");
        Path brief = Files.writeString(folder.resolve("brief"), "a few words");
        Path larger = folder.resolve("larger.gguf");
        SyntheticModel.builder(Architecture.LLAMA).vocabularySize(600).write(larger);
        refused(evaluate("--text-file", empty.toString()), "The text is empty");
        refused(evaluate("--text-file", brief.toString()), "tokens, too few");
        refused(evaluate("--text-file", "no-such-file"), "no-such-file: there is no such file");
        refused(evaluate("--questions", empty.toString()), "There are no questions in");
        refused(evaluate("--questions", brief.toString()), "brief, line 1: no JSON at column 1");
        refused(
                evaluate("--text-file", text, "--window", "64", "--reference", larger.toString()),
                "different vocabularies");
    }

    private static void refused(CommandRun run, String message) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).startsWith("panllama: ").contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }
}
