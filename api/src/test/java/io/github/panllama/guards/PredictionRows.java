package io.github.panllama.guards;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_context_params;
import io.github.panllama.bindings.gen.llama_model_params;
import io.github.panllama.engine.PredictingModel;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The rows about layers that predict further tokens. */
final class PredictionRows {
    private static final int LAYERS = 3;

    private PredictionRows() {}

    /** Makes a file for a row. */
    @FunctionalInterface
    private interface Model {
        Path write(GuardFiles files) throws Exception;
    }

    static void add(List<GuardRow> rows) {
        add(rows, "prediction whose attention has a temperature", "f_attn_temp_scale == 0.0f", files -> {
            Path file = predicting(files);
            Path changed = Files.createTempFile(files.folder(), "warm", ".gguf");
            GgufEditor.of(GgufFile.read(file))
                    .set("deepseek2.attention.temperature_scale", GgufValue.float32(0.1f))
                    .set("deepseek2.attention.temperature_length", GgufValue.uint32(8192))
                    .write(changed);
            return changed;
        });
        add(rows, "prediction by a layer without experts", "MTP block missing ffn_gate_inp", PredictionRows::dense);
    }

    private static void add(List<GuardRow> rows, String name, String said, Model model) {
        rows.add(new GuardRow(
                name,
                List.of(GuardRows.ABORT),
                said,
                files -> {
                    MemorySegment params = RawC.modelParams();
                    llama_model_params.load_mtp(params, true);
                    MemorySegment loaded = RawC.model(model.write(files), params);
                    RawC.context(
                            loaded, context -> llama_context_params.ctx_type(context, LlamaC.LLAMA_CONTEXT_TYPE_MTP()));
                },
                UnsupportedOperationException.class,
                files -> {
                    ModelOptions options = ModelOptions.builder()
                            .gpuLayers(0)
                            .multiTokenPrediction(true)
                            .build();
                    try (LlamaModel loaded = LlamaModel.load(model.write(files), options);
                            LlamaContext context = loaded.newContext(GuardRows.options())) {
                        context.newPredictionContext(GuardRows.options()).close();
                    }
                }));
    }

    private static Path predicting(GuardFiles files) throws IOException {
        Path file = Files.createTempFile(files.folder(), "predicting", ".gguf");
        PredictingModel.write(file, true);
        return file;
    }

    /** A small model that says to be GLM-4.5, whose leading layers without experts are all that there are. */
    private static Path dense(GuardFiles files) throws IOException {
        Path plain = files.folder().resolve("plain-glm.gguf");
        SyntheticModel.builder(Architecture.LLAMA).layers(LAYERS).write(plain);
        GgufFile base = GgufFile.read(plain);
        GgufWriter writer = new GgufWriter();
        base.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key.replaceFirst("^llama\\.", "glm4moe."), value);
            }
        });
        writer.put("general.architecture", "glm4moe")
                .put("glm4moe.nextn_predict_layers", 1)
                .put("glm4moe.leading_dense_block_count", LAYERS)
                .put("glm4moe.expert_count", 4)
                .put("glm4moe.expert_used_count", 2)
                .put("glm4moe.expert_shared_count", 1)
                .put("glm4moe.expert_feed_forward_length", 32);
        for (GgufTensor tensor : base.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            String name = tensor.name().replace("ffn_norm", "post_attention_norm");
            writer.tensor(name, tensor.type(), base.source(tensor), shape);
        }
        long width = base.tensor("output_norm.weight").orElseThrow().rowLength();
        String prefix = "blk." + (LAYERS - 1) + ".nextn.";
        ones(writer, prefix + "eh_proj.weight", 2 * width, width);
        ones(writer, prefix + "enorm.weight", width);
        ones(writer, prefix + "hnorm.weight", width);
        Path file = Files.createTempFile(files.folder(), "dense", ".gguf");
        writer.write(file);
        return file;
    }

    private static void ones(GgufWriter writer, String name, long... shape) {
        writer.tensor(name, GgmlType.F32, (_, row) -> Arrays.fill(row, 1), shape);
    }
}
