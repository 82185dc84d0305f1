package io.github.panllama;

import io.github.panllama.bindings.QuantizeUpcall;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_quantize_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/** Calls {@code llama_model_quantize}, for a plan or for a file. */
final class QuantizationCall {
    private final QuantizationSource source;
    private final MemorySegment params;
    private final Arena arena;

    /** For a source and its parameters, which live as long as the arena. */
    QuantizationCall(QuantizationSource source, MemorySegment params, Arena arena) {
        this.source = source;
        this.params = params;
        this.arena = arena;
    }

    /** Goes through the motions without writing, and tells the listener. */
    void plan(QuantizeUpcall.Listener listener) {
        call("", true, listener).ifPresent(reason -> {
            throw new QuantizationException(
                    "Cannot quantise %s: %s".formatted(source.files().getFirst().path(), reason), null);
        });
    }

    /** Writes the file or files; answers why that failed, if it did. */
    Optional<String> write(Path target, QuantizeUpcall.Listener listener) {
        return call(target.toString(), false, listener);
    }

    private Optional<String> call(String target, boolean dryRun, QuantizeUpcall.Listener listener) {
        llama_model_quantize_params.dry_run(params, dryRun);
        try (QuantizeUpcall upcall = new QuantizeUpcall(listener)) {
            int status = LlamaC.panllama_quantize(
                    arena.allocateFrom(source.files().getFirst().path().toString()),
                    arena.allocateFrom(target),
                    params,
                    upcall.stub(),
                    upcall.userData());
            upcall.rethrow();
            return status == LlamaC.PANLLAMA_OK() ? Optional.empty() : Optional.of(Natives.lastError());
        }
    }
}
