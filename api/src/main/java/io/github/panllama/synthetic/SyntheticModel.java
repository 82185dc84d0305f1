package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model with random weights, ready to be written.
 *
 * <p>It is sized so that activations stay finite at any depth and greedy output varies; special tokens are made
 * improbable, so that it seldom ends by itself. The same settings and seed give the same bytes. Immutable; may be shared
 * by threads.
 */
public final class SyntheticModel {
    private static final String CHAT_TEMPLATE = """
        {%- for message in messages -%}
        {%- if message['role'] == 'system' -%}<|system|>{{ message['content'] }}
        {%- elif message['role'] == 'user' -%}<|user|>{{ message['content'] }}
        {%- elif message['role'] == 'assistant' -%}<|assistant|>{{ message['content'] }}<|endoftext|>
        {%- endif -%}
        {%- endfor -%}
        {%- if add_generation_prompt -%}<|assistant|>{%- endif -%}\
        """;

    private final Shape shape;
    private final long seed;
    private final String name;
    private final SyntheticVocabulary vocabulary;

    SyntheticModel(Shape shape, long seed, String name) {
        this.shape = shape;
        this.seed = seed;
        this.name = name;
        this.vocabulary = SyntheticVocabulary.ofSize(shape.vocabularySize());
    }

    /**
     * Begins a model of 100,000 to 200,000 parameters with a vocabulary of 512 tokens; every figure can be changed.
     *
     * @param architecture its kind
     * @return settings to change and build
     */
    public static SyntheticModelBuilder builder(Architecture architecture) {
        return new SyntheticModelBuilder(architecture);
    }

    /**
     * The model of benchmarks: llama-shaped, 1.25 million parameters, rows that every K-quant takes (embedding
     * length 256, 2 layers, feed-forward length 512, tied embeddings, vocabulary 512).
     *
     * @return settings to change and build
     */
    public static SyntheticModelBuilder benchmark() {
        return builder(Architecture.LLAMA)
                .name("panllama synthetic benchmark")
                .embeddingLength(256)
                .layers(2)
                .heads(4)
                .kvHeads(1)
                .feedForwardLength(512)
                .tiedEmbeddings(true)
                .contextLength(8192);
    }

    /**
     * Its kind.
     *
     * @return the architecture
     */
    public Architecture architecture() {
        return shape.architecture();
    }

    /**
     * Its tokens.
     *
     * @return the vocabulary
     */
    public SyntheticVocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * Writes the model file. Weights are made while they are written, so memory does not grow with the model.
     *
     * @param path the file; it is replaced when the new one is complete
     * @throws IOException if writing fails
     */
    public void write(Path path) throws IOException {
        var writer = new GgufWriter();
        metadata(writer);
        tensors(new RowWeights(writer, seed, shape.weightType()));
        writer.write(path);
    }

    private void metadata(GgufWriter writer) {
        String prefix = shape.architecture().ggufName();
        writer.put("general.architecture", prefix)
                .put("general.type", "model")
                .put("general.name", name)
                .put("general.description", "Random weights for tests and benchmarks, seed " + seed)
                .put("general.file_type", fileType(shape.weightType()));
        if (shape.weightType().isQuantized()) {
            writer.put("general.quantization_version", 2);
        }
        var keys = new Blueprint.Keys(writer, prefix)
                .put("vocab_size", shape.vocabularySize())
                .put("context_length", shape.contextLength())
                .put("embedding_length", shape.embeddingLength())
                .put("block_count", shape.layers());
        Blueprint.of(shape.architecture()).metadata(shape, keys);
        vocabulary.describe(writer, shape.architecture().isEncoder());
        if (!shape.architecture().isEncoder()) {
            writer.put("tokenizer.chat_template", CHAT_TEMPLATE);
        }
    }

    private void tensors(Weights weights) {
        Blueprint blueprint = Blueprint.of(shape.architecture());
        blueprint.frame(shape, weights, vocabulary::isSpecial);
        for (int i = 0; i < shape.layers(); i++) {
            blueprint.layer(shape, weights, i, "blk." + i + '.');
        }
    }

    /** {@code llama_ftype} of a file whose matrices have this type. */
    private static int fileType(GgmlType type) {
        return switch (type) {
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q8_0 -> 7;
            case BF16 -> 32;
            default -> 0;
        };
    }
}
