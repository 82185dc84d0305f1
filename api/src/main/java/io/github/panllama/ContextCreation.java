package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.panllama.bindings.NativeLog;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_context_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Has C make a context, once it is known that its memory fits. */
final class ContextCreation {
    private ContextCreation() {}

    /**
     * Makes one.
     *
     * @param predicted the context whose tokens it is to predict, which it keeps alive; {@code null} for a context that
     *     computes tokens itself
     */
    static Handle create(LlamaModel model, ContextOptions options, @Nullable Handle predicted) {
        try (Arena arena = Arena.ofConfined();
                Handle.Hold _ = model.handle().hold();
                NativeLog.Capture log = NativeLog.capture()) {
            int size = MemoryCheck.contextSize(model, options);
            MemorySegment params = ContextParams.of(options, size, model, arena);
            if (predicted == null) {
                MemoryCheck.context(model, options, size, params);
            } else {
                llama_context_params.ctx_type(params, LlamaC.LLAMA_CONTEXT_TYPE_MTP());
                llama_context_params.ctx_other(params, predicted.pointer());
            }
            MemorySegment out = arena.allocate(ADDRESS);
            int status = LlamaC.panllama_context_create(model.handle().pointer(), params, out);
            if (status != LlamaC.PANLLAMA_OK()) {
                throw new LlamaException("Cannot make a context for %s: %s%n%s"
                        .formatted(model, Natives.lastError(), String.join(System.lineSeparator(), log.lines())));
            }
            Handle[] parents =
                    predicted == null ? new Handle[] {model.handle()} : new Handle[] {model.handle(), predicted};
            return Handle.adopt("The context", out.get(ADDRESS, 0), LlamaC::panllama_context_free, parents);
        }
    }
}
