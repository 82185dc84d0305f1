package io.github.panllama.guards;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_params;
import io.github.panllama.bindings.gen.llama_progress_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The rows about callbacks and about the life of native objects. */
final class LifeRows {
    private LifeRows() {}

    static void add(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "exception leaves an upcall",
                List.of("exit 1"),
                "thrown by the listener",
                files -> {
                    MemorySegment params = RawC.modelParams();
                    llama_model_params.progress_callback(
                            params,
                            llama_progress_callback.allocate(
                                    (_, _) -> {
                                        throw new ArithmeticException("thrown by the listener");
                                    },
                                    Arena.global()));
                    RawC.model(files.model(), params);
                },
                ArithmeticException.class,
                files -> LlamaModel.load(
                                files.model(),
                                ModelOptions.builder()
                                        .progress(_ -> {
                                            throw new ArithmeticException("thrown by the listener");
                                        })
                                        .build())
                        .close()));
        rows.add(new GuardRow(
                "double free",
                List.of(GuardRows.ABORT, GuardRows.SEGV),
                "",
                files -> {
                    MemorySegment model = RawC.model(files.model());
                    LlamaC.panllama_model_free(model);
                    LlamaC.panllama_model_free(model);
                },
                null,
                files -> {
                    LlamaModel model = LlamaModel.load(files.model());
                    model.close();
                    model.close();
                }));
        rows.add(new GuardRow(
                "use of a context after its model and itself are freed",
                List.of(GuardRows.ABORT, GuardRows.SEGV),
                "",
                files -> {
                    MemorySegment model = RawC.model(files.model());
                    MemorySegment context = RawC.context(model);
                    LlamaC.panllama_context_free(context);
                    LlamaC.panllama_model_free(model);
                    // What was freed is written over, as in any program that goes on.
                    for (int i = 0; i < 1000; i++) {
                        Arena.ofAuto().allocate(1 << 12).fill((byte) 0x55);
                    }
                    RawC.decode(context, RawC.batch(1, 0, 2));
                },
                IllegalStateException.class,
                files -> {
                    try (LlamaModel model = LlamaModel.load(files.model())) {
                        LlamaContext context = model.newContext(GuardRows.options());
                        context.close();
                        GuardRows.decode(context, 1, 0, 2);
                    }
                }));
    }
}
