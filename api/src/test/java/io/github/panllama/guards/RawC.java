package io.github.panllama.guards;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.Llama;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_batch;
import io.github.panllama.bindings.gen.llama_context_params;
import io.github.panllama.bindings.gen.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** llama.cpp called as a careless program would: with nothing checked, caught or owned. */
final class RawC {
    static final int CONTEXT_SIZE = 256;
    static final int BATCH_SIZE = 64;
    static final int MICRO_BATCH_SIZE = 32;

    private static final Arena ARENA = Arena.global();

    private RawC() {}

    /** Calls any function of the loaded libraries by its name. */
    static Object call(String name, MemoryLayout result, Object... arguments) throws Throwable {
        Llama.initialize();
        MemorySegment symbol = SymbolLookup.loaderLookup().find(name).orElseThrow();
        MemoryLayout[] layouts = Arrays.stream(arguments).map(RawC::layout).toArray(MemoryLayout[]::new);
        return Linker.nativeLinker()
                .downcallHandle(symbol, FunctionDescriptor.of(result, layouts))
                .invokeWithArguments(arguments);
    }

    /** The same, of one that returns nothing. */
    static void run(String name, Object... arguments) throws Throwable {
        Llama.initialize();
        MemorySegment symbol = SymbolLookup.loaderLookup().find(name).orElseThrow();
        MemoryLayout[] layouts = Arrays.stream(arguments).map(RawC::layout).toArray(MemoryLayout[]::new);
        Linker.nativeLinker()
                .downcallHandle(symbol, FunctionDescriptor.ofVoid(layouts))
                .invokeWithArguments(arguments);
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Integer _ -> JAVA_INT;
            case Long _ -> JAVA_LONG;
            case Float _ -> JAVA_FLOAT;
            default -> ADDRESS;
        };
    }

    static MemorySegment text(String text) {
        return ARENA.allocateFrom(text);
    }

    static MemorySegment model(Path file) {
        return model(file, modelParams());
    }

    static MemorySegment modelParams() {
        Llama.initialize();
        MemorySegment params = LlamaC.llama_model_default_params(ARENA);
        llama_model_params.n_gpu_layers(params, 0);
        llama_model_params.load_mode(params, LlamaC.LLAMA_LOAD_MODE_MMAP());
        return params;
    }

    /** Loads a model; what C refuses by itself is a {@link CRefusedException}. */
    static MemorySegment model(Path file, MemorySegment params) {
        MemorySegment paths = ARENA.allocate(ADDRESS);
        paths.set(ADDRESS, 0, text(file.toString()));
        MemorySegment out = ARENA.allocate(ADDRESS);
        check(LlamaC.panllama_model_load(paths, 1, params, out));
        return out.get(ADDRESS, 0);
    }

    static MemorySegment context(MemorySegment model) {
        return context(model, _ -> {});
    }

    static MemorySegment context(MemorySegment model, Consumer<MemorySegment> change) {
        MemorySegment params = LlamaC.llama_context_default_params(ARENA);
        llama_context_params.n_ctx(params, CONTEXT_SIZE);
        llama_context_params.n_batch(params, BATCH_SIZE);
        llama_context_params.n_ubatch(params, MICRO_BATCH_SIZE);
        llama_context_params.n_threads(params, 1);
        llama_context_params.n_threads_batch(params, 1);
        change.accept(params);
        MemorySegment out = ARENA.allocate(ADDRESS);
        check(LlamaC.panllama_context_create(model, params, out));
        return out.get(ADDRESS, 0);
    }

    static MemorySegment context(Path file) {
        return context(model(file));
    }

    private static void check(int status) {
        if (status != LlamaC.PANLLAMA_OK()) {
            throw new CRefusedException(
                    LlamaC.panllama_last_error().reinterpret(Long.MAX_VALUE).getString(0));
        }
    }

    /** Says what C answered, where it did. */
    @SuppressWarnings("SystemOut")
    static void returned(long answer) {
        System.out.println("returns " + answer);
    }

    /** Tokens of sequence 0 from a position on, the last one with an output. */
    static MemorySegment batch(int token, int position, int count) {
        MemorySegment batch = llama_batch.allocate(ARENA);
        MemorySegment tokens = ARENA.allocate(JAVA_INT, Math.max(1, count));
        MemorySegment positions = ARENA.allocate(JAVA_INT, Math.max(1, count));
        MemorySegment outputs = ARENA.allocate(JAVA_BYTE, Math.max(1, count));
        for (int i = 0; i < count; i++) {
            tokens.setAtIndex(JAVA_INT, i, token);
            positions.setAtIndex(JAVA_INT, i, position + i);
            outputs.set(JAVA_BYTE, i, (byte) (i == count - 1 ? 1 : 0));
        }
        llama_batch.n_tokens(batch, count);
        llama_batch.token(batch, tokens);
        llama_batch.pos(batch, positions);
        llama_batch.logits(batch, outputs);
        return batch;
    }

    static int decode(MemorySegment context, MemorySegment batch) {
        return LlamaC.panllama_decode(context, batch);
    }

    /** Adds sequence ids to a batch: one for each token. */
    static MemorySegment ofSequence(MemorySegment batch, int sequence) {
        int count = llama_batch.n_tokens(batch);
        MemorySegment counts = ARENA.allocate(JAVA_INT, count);
        MemorySegment ids = ARENA.allocate(ADDRESS, count);
        MemorySegment id = ARENA.allocateFrom(JAVA_INT, sequence);
        for (int i = 0; i < count; i++) {
            counts.setAtIndex(JAVA_INT, i, 1);
            ids.setAtIndex(ADDRESS, i, id);
        }
        llama_batch.n_seq_id(batch, counts);
        llama_batch.seq_id(batch, ids);
        return batch;
    }

    /** A grammar's sampler of C's own. */
    static MemorySegment grammar(MemorySegment model, String grammar) throws Throwable {
        return (MemorySegment) call(
                "llama_sampler_init_grammar",
                ADDRESS,
                LlamaC.llama_model_get_vocab(model),
                text(grammar),
                text("root"));
    }

    /** A token's id, as its text is in the vocabulary. */
    static int token(MemorySegment model, String text) {
        MemorySegment vocabulary = LlamaC.llama_model_get_vocab(model);
        MemorySegment ids = ARENA.allocate(JAVA_INT, 16);
        MemorySegment bytes = text(text);
        int count = LlamaC.panllama_tokenize(vocabulary, bytes, (int) bytes.byteSize() - 1, ids, 16, false, false);
        if (count < 1) {
            throw new AssertionError(text + " has " + count + " tokens");
        }
        return ids.get(JAVA_INT, 0);
    }
}
