package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.LlamaModel;
import io.github.panllama.embedding.RankedDocument;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerankCommandTest {
    private static final List<String> DOCUMENTS =
            List.of("one water", "two", "the long days of the year", "four\tfive");

    @TempDir
    private static Path folder;

    private static Path model;
    private static List<RankedDocument> expected = List.of();

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("reranker.gguf");
        SyntheticModel.builder(Architecture.BERT)
                .classifier(List.of("yes", "no"))
                .write(model);
        try (LlamaModel loaded = LlamaModel.load(model);
                Reranker reranker =
                        Reranker.of(loaded, RerankerOptions.builder().threads(1).build())) {
            expected = reranker.rank("which", DOCUMENTS);
        }
    }

    private static String[] command(String... args) {
        List<String> all = new ArrayList<>(List.of(
                "rerank", "--model", model.toString(), "--query", "which", "--threads", "1", "--gpu-layers", "0"));
        all.addAll(List.of(args));
        return all.toArray(String[]::new);
    }

    private static CommandRun rerank(String... args) {
        return CommandRun.of(command(args));
    }

    @Test
    void printsTheDocumentsTheBestFirst() throws IOException {
        Path file = Files.write(folder.resolve("documents.txt"), DOCUMENTS);
        for (CommandRun run : List.of(
                rerank(DOCUMENTS.toArray(String[]::new)),
                CommandRun.withInput(String.join("\n", DOCUMENTS), command()),
                rerank("--file", file.toString()))) {
            assertThat(run.exitCode()).as(run.err()).isZero();
            List<String> lines = run.out().lines().toList();
            assertThat(lines).hasSize(4);
            for (int i = 0; i < 4; i++) {
                String[] cells = lines.get(i).split("\t", -1);
                assertThat(cells).hasSize(3);
                assertThat(Double.parseDouble(cells[0]))
                        .isCloseTo(expected.get(i).score(), within(1e-5));
                assertThat(cells[1]).isEqualTo(Integer.toString(expected.get(i).index()));
                assertThat(cells[2]).isEqualTo(expected.get(i).document().replace('\t', ' '));
            }
        }
        assertThat(rerank("--top", "2", "a", "b", "c").out()).hasLineCount(2);
        assertThat(rerank("--top", "9", "a", "b", "c").out()).hasLineCount(3);
    }

    @Test
    void jsonHasAllScores() {
        CommandRun run = CommandRun.withInput(String.join("\n", DOCUMENTS) + "\n", command("--json", "--top", "3"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        Map<?, ?> object = (Map<?, ?>) JsonReader.read(run.out());
        assertThat(object.get("model")).isEqualTo(model.toString());
        assertThat(object.get("query")).isEqualTo("which");
        assertThat((List<?>) object.get("labels")).hasToString("[yes, no]");
        List<?> results = (List<?>) object.get("results");
        assertThat(results).hasSize(3);
        for (int i = 0; i < 3; i++) {
            Map<?, ?> result = (Map<?, ?>) results.get(i);
            assertThat(result.get("document")).isEqualTo(expected.get(i).document());
            assertThat(((Number) result.get("index")).intValue())
                    .isEqualTo(expected.get(i).index());
            assertThat(((Number) result.get("score")).doubleValue())
                    .isCloseTo(expected.get(i).score(), within(1e-5));
            assertThat((List<?>) result.get("scores")).hasSize(2);
        }
    }

    @Test
    void aDocumentThatIsTooLongIsRefusedOrCut() {
        String text = "long water ".repeat(40);
        CommandRun refused = rerank("--max-tokens", "24", "a", text);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("text 1 has ").hasLineCount(1);
        assertThat(rerank("--max-tokens", "24", "--truncate", "end", "a", text).exitCode())
                .isZero();
    }

    @Test
    void progressIsShownToAPerson() {
        CommandRun run = CommandRun.onTerminal("a\nb\n", command());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("100 % 2 documents");
    }

    @Test
    void wrongUsageIsOneClearError() {
        CommandRun noReranker = CommandRun.of(
                "rerank", "--model", TestModels.llama().toString(), "--gpu-layers", "0", "--query", "q", "a");
        assertThat(noReranker.exitCode()).isEqualTo(1);
        assertThat(noReranker.err()).contains("no classification head").hasLineCount(1);
        CommandRun noModel = CommandRun.of("rerank", "--query", "q", "a");
        assertThat(noModel.exitCode()).isEqualTo(2);
        assertThat(noModel.err()).contains("--model");
        CommandRun noQuery = CommandRun.of("rerank", "--model", model.toString(), "a");
        assertThat(noQuery.exitCode()).isEqualTo(2);
        assertThat(noQuery.err()).contains("--query");
        CommandRun top = rerank("--top", "0", "a");
        assertThat(top.exitCode()).isEqualTo(2);
        assertThat(top.err()).contains("--top is 0, must be positive");
    }
}
