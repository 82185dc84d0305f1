package io.github.panllama.cli;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.engine.EngineOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say where and with what memory a model computes. */
final class ComputeFlags {
    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens that prompt and answer may have together; 0 for as many as the model was trained for"
                    + " (default: that, up to 4096).")
    private @Nullable Integer context;

    @Mixin
    private final MachineFlags machine = new MachineFlags();

    ModelOptions.Builder modelOptions() {
        return machine.modelOptions();
    }

    ContextOptions contextOptions() {
        return UsageException.checking(() -> {
            ContextOptions.Builder builder = ContextOptions.builder();
            if (context != null) {
                builder.contextSize(context);
            }
            machine.apply(builder);
            return builder.build();
        });
    }

    /** For an engine that serves one conversation. */
    EngineOptions engineOptions(LlamaModel model) {
        EngineOptions.Builder options = EngineOptions.builder().sequences(1).context(machine::apply);
        if (context != null) {
            options.contextSize(context == 0 ? model.trainingContextSize() : context);
        }
        return options.build();
    }
}
