package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.GenerationRequest;
import io.github.panllama.GenerationResult;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    private static final String MODEL = TestModels.llama().toString();
    private static final String PROMPT = "Once upon a time é😀";

    @TempDir
    private Path folder;

    @Test
    void greedyIdsAreThoseOfTheGenerator() {
        CommandRun run = CommandRun.of(
                "generate", "--model", MODEL, "--temperature", "0", "--max-tokens", "40", "--ids", PROMPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(ids(expected(40, SamplingOptions.greedy())) + "\n");
    }

    @Test
    void textIsThatOfTheGenerator() {
        SamplingOptions options = SamplingOptions.builder()
                .temperature(1.5f)
                .topK(100)
                .topP(0.9f)
                .minP(0.01f)
                .seed(7)
                .build();
        CommandRun run = CommandRun.of(
                "generate",
                "--model",
                MODEL,
                "--temperature",
                "1.5",
                "--top-k",
                "100",
                "--top-p",
                "0.9",
                "--min-p",
                "0.01",
                "--seed",
                "7",
                "--max-tokens",
                "30",
                PROMPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo(expected(30, options).text() + "\n");
    }

    @Test
    void whatIsNotGivenKeepsItsDefault() {
        GenerationResult expected = expected(
                20, SamplingOptions.defaultsBuilder().seed(Integer.MAX_VALUE).build());
        CommandRun run = CommandRun.of(
                "generate", "--model", MODEL, "--seed", "2147483647", "--max-tokens", "20", "--ids", PROMPT);
        assertThat(run.out()).isEqualTo(ids(expected) + "\n");
    }

    @Test
    void jsonHasTheDocumentedFields() {
        CommandRun run = CommandRun.of(
                "generate", "--model", MODEL, "--temperature", "0", "--max-tokens", "8", "--json", PROMPT);
        GenerationResult expected = expected(8, SamplingOptions.greedy());
        Map<String, Object> json = JsonReader.readObject(run.out());
        assertThat(json)
                .containsOnlyKeys("text", "ids", "finish_reason", "counts", "timings", "model", "synthetic")
                .containsEntry("text", expected.text())
                .containsEntry(
                        "ids",
                        expected.tokens().stream().map(Integer::longValue).toList())
                .containsEntry("finish_reason", "length")
                .containsEntry(
                        "counts", Map.of("prompt_tokens", (long) expected.promptTokens(), "generated_tokens", 8L))
                .containsEntry("model", MODEL)
                .containsEntry("synthetic", false);
        assertThat(json.get("timings"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("load_ms", "time_to_first_token_ms", "duration_ms", "tokens_per_second");
    }

    @Test
    void promptMayComeAsIdsOrFromStandardInput() {
        String[] rest = {"--model", MODEL, "--temperature", "0", "--max-tokens", "12", "--ids"};
        String ids;
        try (LlamaModel model = LlamaModel.load(TestModels.llama())) {
            ids = TokenIds.format(model.tokenizer().encode(PROMPT));
        }
        String expected = ids(expected(12, SamplingOptions.greedy())) + "\n";
        assertThat(CommandRun.of(with(rest, "--prompt-ids", ids)).out()).isEqualTo(expected);
        assertThat(CommandRun.withInput(PROMPT, with(rest)).out()).isEqualTo(expected);
        assertThat(CommandRun.withInput(PROMPT + "\n", with(rest)).out()).isEqualTo(expected);
        assertThat(CommandRun.withInput(PROMPT + "\r\n", with(rest)).out()).isEqualTo(expected);
    }

    @Test
    void promptThatIsNotUtf8IsRefusedWithThePlace() {
        CommandRun run = CommandRun.withInput(new byte[] {'a', 'b', (byte) 0xff}, "generate", "--model", MODEL);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("0xFF").contains("offset 2");
    }

    @Test
    void grammarIsObeyedAndABadOneNamed() throws IOException {
        Path good = Files.writeString(folder.resolve("good.gbnf"), "root ::= [ab]{5} \"c\"");
        CommandRun run = CommandRun.of("generate", "--model", MODEL, "--grammar-file", good.toString(), PROMPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).matches("[ab]{5}c\n");

        Path bad = Files.writeString(folder.resolve("bad.gbnf"), "root ::= [ab");
        run = CommandRun.of("generate", "--model", MODEL, "--grammar-file", bad.toString(), PROMPT);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("bad.gbnf");
    }

    @Test
    void optionsThatDoNotFitTheModelAreWrongUsage() {
        CommandRun unknownId = CommandRun.of("generate", "--model", MODEL, "--prompt-ids", "1 99999");
        assertThat(unknownId.exitCode()).isEqualTo(2);
        assertThat(unknownId.err()).contains("99999");
        CommandRun tooLong = CommandRun.of("generate", "--model", MODEL, "--context", "256", "word ".repeat(400));
        assertThat(tooLong.exitCode()).as(tooLong.err()).isEqualTo(2);
        assertThat(tooLong.err()).contains("256");
    }

    @Test
    void computeOptionsAreTaken() {
        CommandRun run = CommandRun.of(
                "generate",
                "--model",
                MODEL,
                "--context",
                "512",
                "--kv-type",
                "q8_0",
                "--gpu-layers",
                "all",
                "--threads",
                "1",
                "--max-tokens",
                "4",
                "--temperature",
                "0",
                "--ids",
                PROMPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).matches("\\d+( \\d+){3}\n");
    }

    @Test
    void noTokensIsAnEmptyLine() {
        assertThat(CommandRun.of("generate", "--model", MODEL, "--max-tokens", "0", "--ids", PROMPT)
                        .out())
                .isEqualTo("\n");
    }

    @Test
    void withoutAModelTheBundledOneTakesItsPlaceOrElseARandomOneThatIsNamedSo() {
        CommandRun run = CommandRun.of("generate", "--max-tokens", "3", "--ids", PROMPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        if (TinyModel.isPresent()) {
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).matches("[0-9 ]*\n");
        } else {
            assertThat(run.err().lines())
                    .singleElement()
                    .asString()
                    .contains("random weights")
                    .contains("means nothing");
            assertThat(run.out()).matches("\\d+( \\d+){2}\n");
        }
    }

    @Test
    void aFileThatIsNoModelIsAFailureInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("text.gguf"), "no model");
        CommandRun run = CommandRun.of("generate", "--model", file.toString(), PROMPT);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("text.gguf");
    }

    private static GenerationResult expected(int maxTokens, SamplingOptions sampling) {
        try (LlamaModel model = LlamaModel.load(TestModels.llama());
                TextGenerator generator = TextGenerator.of(model)) {
            return generator.generate(GenerationRequest.builder(PROMPT)
                    .maxTokens(maxTokens)
                    .sampling(sampling)
                    .build());
        }
    }

    private static String ids(GenerationResult result) {
        return result.tokens().stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String[] with(String[] rest, String... more) {
        return Stream.of(List.of("generate"), List.of(rest), List.of(more))
                .flatMap(List::stream)
                .toArray(String[]::new);
    }
}
