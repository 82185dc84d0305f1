package io.github.panllama.training;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.training.corpus.ChatFormat;
import io.github.panllama.training.tokenizer.Vocabulary;
import io.github.panllama.training.transformer.Parameter;
import io.github.panllama.training.transformer.Parameter.Kind;
import io.github.panllama.training.transformer.Parameters;
import io.github.panllama.training.transformer.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A trained model as a GGUF file. */
final class ModelFile {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private ModelFile() {}

    /**
     * Writes it.
     *
     * @param type of the matrices; vectors and routers stay F32
     */
    static void write(
            Path file,
            GgmlType type,
            Recipe recipe,
            Parameters parameters,
            Vocabulary vocabulary,
            Map<String, String> provenance)
            throws IOException {
        GgufWriter writer = new GgufWriter();
        putGeneral(writer, type, recipe, provenance);
        putShape(writer, recipe.shape());
        putVocabulary(writer, vocabulary);
        for (Parameter parameter : parameters.all()) {
            boolean exact = parameter.kind() == Kind.NORM || parameter.kind() == Kind.ROUTER;
            float[] values = parameters.values();
            int width = parameter.columns();
            writer.tensor(
                    parameter.name(),
                    exact ? GgmlType.F32 : type,
                    (index, row) -> System.arraycopy(
                            values, parameter.offset() + Math.toIntExact(index) * width, row, 0, width),
                    dimensions(parameter));
        }
        writer.write(file);
    }

    private static long[] dimensions(Parameter parameter) {
        if (parameter.kind() == Kind.NORM) {
            return new long[] {parameter.columns()};
        }
        return parameter.name().contains("_exps")
                ? new long[] {parameter.columns(), parameter.rows(), parameter.slices()}
                : new long[] {parameter.columns(), parameter.rows()};
    }

    private static void putGeneral(GgufWriter writer, GgmlType type, Recipe recipe, Map<String, String> provenance) {
        writer.put("general.architecture", architecture(recipe.shape()))
                .put("general.type", "model")
                .put("general.name", recipe.file())
                .put("general.author", "the panllama project")
                .put("general.license", "Apache-2.0")
                .put(
                        "general.description",
                        "A model made to test with: it adds, remembers, calls a calculator and knows"
                                + " panllama. Trained from nothing on generated text; see model/README.md.")
                .put("general.file_type", GgufValue.uint32(fileType(type)))
                .put("general.quantization_version", GgufValue.uint32(2));
        provenance.forEach((key, value) -> writer.put("panllama.training." + key, value));
    }

    /** The code in {@code general.file_type} for a file whose matrices are of a type. */
    private static int fileType(GgmlType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q8_0 -> 7;
            default -> throw new IllegalArgumentException("Models are written as F32, F16 or Q8_0, not as " + type);
        };
    }

    private static String architecture(Shape shape) {
        return shape.experts() > 0 ? "deepseek" : "llama";
    }

    private static void putShape(GgufWriter writer, Shape shape) {
        String prefix = architecture(shape) + ".";
        writer.put(prefix + "context_length", shape.context())
                .put(prefix + "embedding_length", shape.width())
                .put(prefix + "block_count", shape.layers())
                .put(prefix + "feed_forward_length", shape.feedForward())
                .put(prefix + "attention.head_count", shape.heads())
                .put(prefix + "attention.head_count_kv", shape.keyValueHeads())
                .put(prefix + "attention.layer_norm_rms_epsilon", Shape.EPSILON)
                .put(prefix + "rope.dimension_count", shape.headWidth())
                .put(prefix + "rope.freq_base", Shape.ROPE_BASE)
                .put(prefix + "vocab_size", shape.vocabulary());
        if (shape.experts() > 0) {
            writer.put(prefix + "leading_dense_block_count", 1)
                    .put(prefix + "expert_count", shape.experts())
                    .put(prefix + "expert_used_count", shape.expertsUsed())
                    .put(prefix + "expert_shared_count", 1)
                    .put(prefix + "expert_feed_forward_length", shape.expertWidth())
                    .put(prefix + "expert_weights_scale", 1f);
        }
    }

    private static void putVocabulary(GgufWriter writer, Vocabulary vocabulary) {
        int[] types = new int[vocabulary.size()];
        for (int id = 0; id < types.length; id++) {
            boolean think = vocabulary.tokens().get(id).equals(ChatFormat.THINK)
                    || vocabulary.tokens().get(id).equals(ChatFormat.THOUGHT);
            types[id] = think ? USER_DEFINED : vocabulary.isSpecial(id) ? CONTROL : NORMAL;
        }
        writer.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", Vocabulary.SPLIT_RULE)
                .put("tokenizer.ggml.tokens", GgufValue.texts(vocabulary.tokens()))
                .put("tokenizer.ggml.token_type", GgufValue.int32s(types))
                .put("tokenizer.ggml.merges", GgufValue.texts(vocabulary.merges()))
                .put("tokenizer.ggml.bos_token_id", vocabulary.specialId(ChatFormat.BEGIN))
                .put("tokenizer.ggml.eos_token_id", vocabulary.specialId(ChatFormat.END))
                .put("tokenizer.ggml.padding_token_id", vocabulary.specialId(ChatFormat.BEGIN))
                .put("tokenizer.ggml.add_bos_token", false)
                .put("tokenizer.ggml.add_eos_token", false)
                .put("tokenizer.chat_template", template());
    }

    private static String template() {
        try (InputStream in = ModelFile.class.getResourceAsStream("chat_template.jinja")) {
            if (in == null) {
                throw new IllegalStateException("chat_template.jinja is missing beside " + ModelFile.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
