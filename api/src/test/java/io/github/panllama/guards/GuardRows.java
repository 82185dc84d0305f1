package io.github.panllama.guards;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.Batch;
import io.github.panllama.ContextFullException;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_batch;
import io.github.panllama.synthetic.Architecture;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The rows about decoding, and the list of all. */
final class GuardRows {
    static final String ABORT = "SIGABRT";
    static final String SEGV = "SIGSEGV";
    private static final String ASSERTED = "panllama: llama.cpp aborts the process: ";

    private GuardRows() {}

    static List<GuardRow> all() {
        List<GuardRow> rows = new ArrayList<>();
        batches(rows);
        memory(rows);
        TextRows.add(rows);
        FileRows.add(rows);
        LifeRows.add(rows);
        PredictionRows.add(rows);
        ScaleRows.add(rows);
        return rows;
    }

    /** What a context refuses that decodes through the API. */
    private static void api(GuardFiles files, Architecture architecture, Consumer<LlamaContext> use) throws Exception {
        try (LlamaModel model = LlamaModel.load(
                        files.model(architecture),
                        ModelOptions.builder().gpuLayers(0).build());
                LlamaContext context = model.newContext(options())) {
            use.accept(context);
        }
    }

    static ContextOptions options() {
        return ContextOptions.builder()
                .contextSize(RawC.CONTEXT_SIZE)
                .batchSize(RawC.BATCH_SIZE)
                .microBatchSize(RawC.MICRO_BATCH_SIZE)
                .maxSequences(1)
                .threads(1)
                .build();
    }

    static void decode(LlamaContext context, int token, int position, int count) {
        try (Batch batch = context.newBatch(Math.max(1, Math.min(count, RawC.BATCH_SIZE)))) {
            for (int i = 0; i < count; i++) {
                batch.add(token, position + i, 0, i == count - 1);
            }
            context.decode(batch);
        }
    }

    private static void batches(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "batch larger than n_batch",
                List.of(ABORT),
                ASSERTED,
                files -> RawC.decode(RawC.context(files.model()), RawC.batch(1, 0, RawC.BATCH_SIZE + 1)),
                IllegalStateException.class,
                files -> api(files, Architecture.LLAMA, context -> decode(context, 1, 0, RawC.BATCH_SIZE + 1))));
        rows.add(new GuardRow(
                "empty batch",
                List.of("returns -1"),
                "",
                files -> RawC.returned(RawC.decode(RawC.context(files.model()), RawC.batch(1, 0, 0))),
                IllegalArgumentException.class,
                files -> api(files, Architecture.LLAMA, context -> decode(context, 1, 0, 0))));
        rows.add(new GuardRow(
                "batch with neither tokens nor embeddings",
                List.of(ABORT),
                ASSERTED,
                files -> {
                    MemorySegment batch = RawC.batch(1, 0, 1);
                    llama_batch.token(batch, MemorySegment.NULL);
                    RawC.decode(RawC.context(files.model()), batch);
                },
                IllegalStateException.class, // the API has batches of either kind, and none of both or neither
                files -> api(files, Architecture.LLAMA, context -> {
                    try (Batch batch = context.newEmbeddingBatch(1)) {
                        batch.add(1, 0, 0, true);
                    }
                })));
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE}) {
            rows.add(new GuardRow(
                    "token id " + token,
                    List.of("returns -1"),
                    "",
                    files -> RawC.returned(RawC.decode(RawC.context(files.model()), RawC.batch(token, 0, 1))),
                    IndexOutOfBoundsException.class,
                    files -> api(files, Architecture.LLAMA, context -> decode(context, token, 0, 1))));
        }
        rows.add(new GuardRow(
                "sequence id out of range",
                List.of("returns -1"),
                "",
                files -> RawC.returned(
                        RawC.decode(RawC.context(files.model()), RawC.ofSequence(RawC.batch(1, 0, 1), 300))),
                IndexOutOfBoundsException.class,
                files -> api(files, Architecture.LLAMA, context -> {
                    try (Batch batch = context.newBatch()) {
                        batch.add(1, 0, 300, true);
                    }
                })));
        rows.add(new GuardRow(
                "input of an encoder longer than n_ubatch",
                List.of(ABORT),
                ASSERTED,
                files -> LlamaC.panllama_encode(
                        RawC.context(files.model(Architecture.NOMIC_BERT)),
                        RawC.batch(1, 0, RawC.MICRO_BATCH_SIZE + 1)),
                IllegalArgumentException.class,
                files -> api(
                        files, Architecture.NOMIC_BERT, context -> decode(context, 1, 0, RawC.MICRO_BATCH_SIZE + 1))));
        rows.add(new GuardRow(
                "input without causal attention longer than n_ubatch",
                List.of(ABORT),
                ASSERTED,
                files -> {
                    MemorySegment context = RawC.context(files.model());
                    LlamaC.llama_set_causal_attn(context, false);
                    RawC.decode(context, RawC.batch(1, 0, RawC.MICRO_BATCH_SIZE + 1));
                },
                IllegalArgumentException.class,
                files -> api(files, Architecture.LLAMA, context -> {
                    context.setCausalAttention(false);
                    decode(context, 1, 0, RawC.MICRO_BATCH_SIZE + 1);
                })));
    }

    private static void memory(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "KV cache full",
                List.of("returns 1"),
                "",
                files -> {
                    MemorySegment context = RawC.context(files.model());
                    int position = 0;
                    int code = 0;
                    while (code == 0) {
                        code = RawC.decode(context, RawC.batch(1, position, 32));
                        position += 32;
                    }
                    RawC.returned(code);
                },
                ContextFullException.class,
                files -> api(files, Architecture.LLAMA, context -> {
                    for (int position = 0; position <= RawC.CONTEXT_SIZE; position += 32) {
                        decode(context, 1, position, 32);
                    }
                })));
        rows.add(new GuardRow(
                "K-shift on a memory that cannot shift",
                List.of(ABORT),
                ASSERTED,
                files -> {
                    MemorySegment context = RawC.context(files.withoutShift());
                    MemorySegment batch = RawC.batch(1, 0, 4);
                    // Four parts to each position.
                    MemorySegment positions = java.lang.foreign.Arena.global().allocate(JAVA_INT, 16);
                    for (int i = 0; i < 16; i++) {
                        positions.setAtIndex(JAVA_INT, i, i < 12 ? i % 4 : 0);
                    }
                    llama_batch.pos(batch, positions);
                    if (RawC.decode(context, batch) != 0) {
                        throw new AssertionError("the model does not decode");
                    }
                    RawC.run("llama_memory_seq_add", LlamaC.llama_get_memory(context), 0, 0, -1, 1);
                    RawC.decode(context, RawC.batch(1, 5, 1));
                },
                UnsupportedOperationException.class,
                files -> {
                    try (LlamaModel model = LlamaModel.load(files.withoutShift());
                            LlamaContext context = model.newContext(options())) {
                        decode(context, 1, 0, 4);
                        context.memory().shift(0, 0, -1, 1);
                    }
                }));
    }
}
