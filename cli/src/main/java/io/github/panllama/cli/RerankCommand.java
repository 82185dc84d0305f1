package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.embedding.RankedDocument;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Documents in the order in which they answer a query. */
@Command(
        name = "rerank",
        header = "Sort documents by how well they answer a query.",
        description = {
            "Prints a line for each document, the best first: its score, its place in the input from 0, and its text,"
                    + " with tabs between them. The score's scale is the model's own.",
            "The documents are arguments, or the lines of a file or of standard input. The model has to be a reranker:"
                    + " one with a classification head."
        },
        footer = {
            "Examples:",
            "  panllama rerank --model m.gguf --query \"What is a llama?\" \"A camelid.\" \"A tax form.\"",
            "  panllama rerank --model m.gguf --query \"What is a llama?\" --file documents.txt --top 10",
            "  panllama rerank --model m.gguf --query \"What is a llama?\" --separator --- < documents.txt",
            "        documents of several lines, divided by lines that are ---",
            "  panllama rerank --model m.gguf --query q --json < documents.txt | jq '.results[0].index'",
            "",
            "--json prints {\"model\", \"query\", \"labels\",",
            "  \"results\": [{\"index\", \"score\", \"scores\": [numbers], \"document\"}]}."
        })
final class RerankCommand extends Subcommand {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first.")
    private Path model = Path.of("");

    @Option(names = "--query", required = true, paramLabel = "TEXT", description = "What the documents shall answer.")
    private String query = "";

    @Parameters(
            paramLabel = "DOCUMENT",
            arity = "0..*",
            description = "The documents (default: lines of standard input).")
    private List<String> documents = List.of();

    @Mixin
    private final TextInput input = new TextInput();

    @Option(names = "--top", paramLabel = "N", description = "Print the best N alone (default: all).")
    private @Nullable Integer top;

    @Mixin
    private final PackingFlags packing = new PackingFlags();

    @Mixin
    private final MachineFlags machine = new MachineFlags();

    @Option(names = "--json", description = "Print one JSON object, at the end.")
    private boolean json;

    RerankCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (top != null && top < 1) {
            throw new UsageException("--top is %d, must be positive".formatted(top));
        }
        RerankerOptions options = UsageException.checking(this::options);
        List<String> read = input.read(documents, "DOCUMENT", terminal());
        try (Interruption interruption = Interruption.watch();
                LlamaModel loaded = Models.load(model, machine.modelOptions(), terminal(), interruption);
                Reranker reranker = open(loaded, options)) {
            List<RankedDocument> ranked = rank(reranker, read, interruption);
            print(reranker, ranked.subList(0, top == null ? ranked.size() : Math.min(top, ranked.size())));
        } catch (CancellationException e) {
            terminal().err().println("cancelled");
        }
        return ExitCode.SUCCESS;
    }

    private RerankerOptions options() {
        RerankerOptions.Builder builder =
                RerankerOptions.builder().truncation(packing.truncation()).context(machine::apply);
        packing.maxTokens().ifPresent(builder::maxTokens);
        packing.batchSize().ifPresent(builder::batchSize);
        return builder.build();
    }

    private static Reranker open(LlamaModel loaded, RerankerOptions options) {
        try {
            return UsageException.checking(() -> Reranker.of(loaded, options));
        } catch (UnsupportedOperationException e) {
            throw new FailureException(String.valueOf(e.getMessage()), e);
        }
    }

    private List<RankedDocument> rank(Reranker reranker, List<String> read, Interruption interruption) {
        try (ProgressBar bar = new ProgressBar(terminal(), read.size() + " documents")) {
            return reranker.rank(query, read, fraction -> {
                bar.show(fraction);
                return !interruption.isRequested();
            });
        } catch (IllegalArgumentException e) {
            throw new FailureException(String.valueOf(e.getMessage()), e);
        }
    }

    private void print(Reranker reranker, List<RankedDocument> ranked) {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("model", model.toString());
            object.put("query", query);
            object.put("labels", reranker.labels());
            object.put("results", ranked.stream().map(RerankCommand::result).toList());
            out().println(Json.write(object));
        } else {
            ranked.forEach(document -> out().println(
                            "%s\t%d\t%s".formatted(document.score(), document.index(), line(document.document()))));
        }
        out().flush();
    }

    private static Map<String, Object> result(RankedDocument document) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("index", document.index());
        object.put("score", document.score());
        object.put("scores", document.scores());
        object.put("document", document.document());
        return object;
    }

    /** On one line, so that each line of the output is a document. */
    private static String line(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
