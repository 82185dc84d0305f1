package io.github.panllama.guards;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.SyntheticLora;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The rows about weights in NVFP4, which a number beside them scales. */
final class ScaleRows {
    private static final String SCALED = "blk.0.ffn_up.";

    private ScaleRows() {}

    static void add(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "a bias on scaled weights",
                List.of(GuardRows.ABORT),
                "GGML_TYPE_NVFP4",
                files -> RawC.context(scaled(files, true)),
                ModelLoadException.class,
                files -> LlamaModel.load(scaled(files, true)).close()));
        rows.add(new GuardRow(
                "an adapter of scaled weights",
                List.of(GuardRows.ABORT),
                "has_lora",
                files -> {
                    Path file = scaled(files, false);
                    MemorySegment model = RawC.model(file);
                    MemorySegment context = RawC.context(model);
                    Arena arena = Arena.global();
                    MemorySegment adapters = arena.allocate(ADDRESS);
                    LlamaC.panllama_lora_load(
                            model, RawC.text(adapter(files, file).toString()), adapters);
                    LlamaC.panllama_lora_set(context, adapters, arena.allocateFrom(JAVA_FLOAT, 1f), 1);
                    RawC.decode(context, RawC.batch(1, 0, 2));
                },
                ModelLoadException.class,
                files -> {
                    Path file = scaled(files, false);
                    try (LlamaModel model = LlamaModel.load(
                            file, ModelOptions.builder().gpuLayers(0).build())) {
                        LoraAdapter.load(model, adapter(files, file)).close();
                    }
                }));
    }

    private static Path adapter(GuardFiles files, Path base) throws IOException {
        Path file = Files.createTempFile(files.folder(), "adapter", ".gguf");
        SyntheticLora.write(file, base, 4, 1, 1);
        return file;
    }

    private static Path scaled(GuardFiles files, boolean biased) throws IOException {
        GgufFile base = GgufFile.read(files.model());
        GgufWriter writer = new GgufWriter();
        base.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key, value);
            }
        });
        for (GgufTensor tensor : base.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            if (tensor.name().equals(SCALED + "weight")) {
                long bytes = GgmlType.NVFP4.byteSize(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
                writer.tensor(tensor.name(), GgmlType.NVFP4, TensorSource.of(new byte[(int) bytes]), shape);
                ones(writer, SCALED + "scale", 1);
                if (biased) {
                    ones(writer, SCALED + "bias", shape[1]);
                }
            } else {
                writer.tensor(tensor.name(), tensor.type(), base.source(tensor), shape);
            }
        }
        Path file = Files.createTempFile(files.folder(), "scaled", ".gguf");
        writer.write(file);
        return file;
    }

    private static void ones(GgufWriter writer, String name, long length) {
        writer.tensor(name, GgmlType.F32, (_, row) -> Arrays.fill(row, 1), length);
    }
}
