package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the cases of one JVM share: files, and models that are loaded on first use. */
final class AbuseFixture implements AutoCloseable {
    private final Path folder;
    private final Map<Architecture, LlamaModel> models = new EnumMap<>(Architecture.class);
    private int files;
    private @Nullable LlamaEngine engine;

    AbuseFixture(Path folder) {
        this.folder = folder;
    }

    /** The model that most cases use. */
    LlamaModel model() {
        return model(Architecture.LLAMA);
    }

    synchronized LlamaModel model(Architecture architecture) {
        return models.computeIfAbsent(architecture, key -> LlamaModel.load(file(key)));
    }

    /** The engine that cases share which do not close it: it must outlive all that they ask of it. */
    synchronized LlamaEngine engine() {
        if (engine == null) {
            engine = LlamaEngine.start(model(), EngineSamples.options().build());
        }
        return engine;
    }

    /** A model that nothing else uses. */
    LlamaModel freshModel() {
        return LlamaModel.load(file(Architecture.LLAMA), ModelOptions.defaults());
    }

    Path file() {
        return file(Architecture.LLAMA);
    }

    Path file(Architecture architecture) {
        return AbuseFiles.model(folder, architecture);
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** The name of a file that is not there yet. */
    synchronized Path newFile() {
        return folder.resolve("new-%d-%d".formatted(ProcessHandle.current().pid(), files++));
    }

    /** A small context. */
    LlamaContext context() {
        return model().newContext(small().build());
    }

    LlamaContext context(Architecture architecture) {
        return model(architecture).newContext(small().build());
    }

    LlamaContext context(ContextOptions.Builder options) {
        return model().newContext(options.build());
    }

    /** Options of a small context, of one thread, to change. */
    static ContextOptions.Builder small() {
        return ContextOptions.builder()
                .contextSize(256)
                .batchSize(64)
                .microBatchSize(32)
                .maxSequences(4)
                .threads(1);
    }

    /** A context that has decoded {@code tokens} tokens of sequence 0, the last one with an output. */
    LlamaContext decoded(int tokens) {
        return decoded(context(), tokens);
    }

    static LlamaContext decoded(LlamaContext context, int tokens) {
        decode(context, 0, 0, tokens);
        return context;
    }

    /** Decodes tokens of a sequence from a position on; the last one has an output, in the row answered. */
    static int decode(LlamaContext context, int sequence, int position, int tokens) {
        try (Batch batch = context.newBatch()) {
            int row = 0;
            for (int i = 0; i < tokens; i++) {
                if (batch.size() == batch.capacity()) {
                    context.decode(batch);
                    batch.clear();
                }
                row = batch.add(1 + i % 100, position + i, sequence, i == tokens - 1);
            }
            context.decode(batch);
            return row;
        }
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
        models.values().forEach(LlamaModel::close);
    }
}
