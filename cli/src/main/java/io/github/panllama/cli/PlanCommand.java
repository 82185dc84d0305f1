package io.github.panllama.cli;

import io.github.panllama.ContextOptions;
import io.github.panllama.ContextSize;
import io.github.panllama.FlashAttention;
import io.github.panllama.GpuLayers;
import io.github.panllama.KvCacheType;
import io.github.panllama.LoadMode;
import io.github.panllama.MemoryPlan;
import io.github.panllama.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a model and a context would take of memory. */
@Command(
        name = "plan",
        header = "Show what a model and a context will take of memory.",
        description = "Reads the header of the file alone, and takes none of the memory.",
        footer = {
            "Exit code 1 where it does not fit in what is free now.",
            "",
            "Examples:",
            "  panllama plan --model m.gguf",
            "  panllama plan --model m.gguf --context 32768 --sequences 8 --kv-type q8_0",
            "  panllama plan --model m.gguf --context auto --gpu-layers auto",
            "        what would be chosen",
            "  panllama plan --model m.gguf --json | jq .total"
        })
final class PlanCommand extends Subcommand {
    private static final String AUTO = "auto";

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first (default: the bundled model).")
    private @Nullable Path given;

    @Option(
            names = "--context",
            paramLabel = "N|auto",
            description = "Tokens that the context holds; 0 for as many as the model was trained for, auto for as many as"
                    + " fit (default: what it was trained for, up to 4096).")
    private @Nullable String context;

    @Option(names = "--sequences", paramLabel = "N", description = "Sequences in the context (default: 1).")
    private @Nullable Integer sequences;

    @Option(names = "--unified", description = "One KV cache for all sequences, instead of a part for each.")
    private boolean unified;

    @Option(
            names = "--kv-type",
            paramLabel = "T",
            description = "Number format of the KV cache: ${COMPLETION-CANDIDATES} (default: f16).")
    private @Nullable KvCacheType kvType;

    @Option(names = "--batch", paramLabel = "N", description = "The most tokens in a batch (default: 2048).")
    private @Nullable Integer batch;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description = "The most tokens that are computed at once (default: 512).")
    private @Nullable Integer microBatch;

    @Option(
            names = "--flash-attention",
            paramLabel = "F",
            description = "Flash attention: ${COMPLETION-CANDIDATES} (default: auto).")
    private @Nullable FlashAttention flashAttention;

    @Option(names = "--embeddings", description = "A context that computes embeddings.")
    private boolean embeddings;

    @Option(
            names = "--gpu-layers",
            paramLabel = "N|all|auto",
            description = "Layers to keep on the GPU (default: all that there is a GPU for); auto for as many as fit.")
    private @Nullable String gpuLayers;

    @Option(
            names = "--load-mode",
            paramLabel = "M",
            description = "How the weights come into memory: ${COMPLETION-CANDIDATES} (default: auto).")
    private @Nullable LoadMode loadMode;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: half of the processors).")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print one JSON object, figures in bytes.")
    private boolean json;

    PlanCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        Path file = DefaultModel.of(given, terminal()).file();
        ContextOptions contextOptions = UsageException.checking(this::contextOptions);
        ModelOptions modelOptions = UsageException.checking(() -> modelOptions(contextOptions));
        MemoryPlan plan = UsageException.checking(() -> MemoryPlan.of(file, modelOptions, contextOptions));
        if (json) {
            out().println(Json.write(PlanReport.json(file, plan)));
        } else {
            PlanReport.print(plan, out());
        }
        return plan.fits() ? ExitCode.SUCCESS : ExitCode.FAILURE;
    }

    private ModelOptions modelOptions(ContextOptions context) {
        ModelOptions.Builder options = ModelOptions.builder();
        if (AUTO.equalsIgnoreCase(gpuLayers)) {
            options.gpuLayers(GpuLayers.AUTO).roomFor(context);
        } else if (gpuLayers != null) {
            options.gpuLayers(gpuLayers.equalsIgnoreCase("all") ? ModelOptions.ALL_LAYERS : number("--gpu-layers", gpuLayers));
        }
        if (loadMode != null) {
            options.loadMode(loadMode);
        }
        return options.build();
    }

    private ContextOptions contextOptions() {
        ContextOptions.Builder options =
                ContextOptions.builder().unifiedKvCache(unified).embeddings(embeddings);
        if (AUTO.equalsIgnoreCase(context)) {
            options.contextSize(ContextSize.AUTO);
        } else if (context != null) {
            options.contextSize(number("--context", context));
        }
        if (sequences != null) {
            options.maxSequences(sequences);
        }
        if (kvType != null) {
            options.kvCacheType(kvType);
        }
        if (batch != null) {
            options.batchSize(batch);
        }
        if (microBatch != null) {
            options.microBatchSize(microBatch);
        }
        if (flashAttention != null) {
            options.flashAttention(flashAttention);
        }
        if (threads != null) {
            options.threads(threads);
        }
        return options.build();
    }

    private static int number(String option, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException("%s is %s, must be a number or auto".formatted(option, text));
        }
    }
}
