package io.github.panllama.chat;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A model that writes given texts, so that a server can be seen to parse them. Each text is a chain of tokens of its own,
 * which no prompt has; a token is followed by the next one of its chain, the last one by the end. A bias on the first one
 * says which text it is. All that a prompt may have says nothing.
 */
final class ScriptModel {
    /** Larger than the score of any wrong token, smaller than that of a right one. */
    static final int BIAS = 100;

    private static final int WIDTH = 256;
    private static final int BASE = 512;
    private static final int SHORTEST = 2;
    private static final int NORMAL = 1;

    private final SyntheticVocabulary vocabulary = SyntheticVocabulary.ofSize(BASE);
    private final List<String> tokens = new ArrayList<>(vocabulary.tokens());
    private final Set<String> used = new HashSet<>(tokens);
    private final Map<Integer, Integer> next = new HashMap<>();
    private final Map<String, Integer> firsts = new HashMap<>();

    private ScriptModel() {}

    /** Writes the model, and answers the first token of each text. */
    static Map<String, Integer> write(Path file, List<String> texts) throws IOException {
        ScriptModel model = new ScriptModel();
        texts.forEach(model::add);
        model.write(file);
        return model.firsts;
    }

    private void add(String text) {
        StringBuilder bytes = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.append(vocabulary.tokens().get(Byte.toUnsignedInt(b)));
        }
        int first = tokens.size();
        List<String> chain = chain(bytes.toString());
        tokens.addAll(chain);
        for (int token = first; token < tokens.size() - 1; token++) {
            next.put(token, token + 1);
        }
        next.put(tokens.size() - 1, vocabulary.special(SyntheticVocabulary.EOS));
        firsts.put(text, first);
    }

    /** The shortest pieces that there is no token of yet. */
    private List<String> chain(String bytes) {
        List<String> chain = new ArrayList<>();
        int from = 0;
        for (int to = SHORTEST; to <= bytes.length(); to++) {
            if (to - from >= SHORTEST && used.add(bytes.substring(from, to))) {
                chain.add(bytes.substring(from, to));
                from = to;
            }
        }
        String rest = bytes.substring(from);
        while (!rest.isEmpty() && !used.add(rest)) {
            rest = chain.removeLast() + rest; // the end of another text too
        }
        if (!rest.isEmpty()) {
            chain.add(rest);
        }
        return chain;
    }

    private void write(Path file) throws IOException {
        Path random = Files.createTempFile("panllama-script", ".gguf");
        try {
            SyntheticModel.builder(Architecture.LLAMA)
                    .vocabularySize(BASE)
                    .embeddingLength(WIDTH)
                    .layers(1)
                    .tiedEmbeddings(false)
                    .contextLength(1 << 14)
                    .weightType(GgmlType.F32)
                    .write(random);
            GgufFile source = GgufFile.read(random);
            GgufWriter writer = new GgufWriter().putAll(source).put("llama.vocab_size", tokens.size());
            tokens(writer, source);
            source.tensors().forEach(tensor -> tensor(writer, source, tensor));
            writer.write(file);
        } finally {
            Files.delete(random);
        }
    }

    private void tokens(GgufWriter writer, GgufFile source) {
        int[] base = source.metadata()
                .array("tokenizer.ggml.token_type")
                .orElseThrow()
                .toIntArray();
        int[] types = Arrays.copyOf(base, tokens.size());
        Arrays.fill(types, base.length, types.length, NORMAL);
        writer.put("tokenizer.ggml.tokens", GgufValue.texts(tokens))
                .put("tokenizer.ggml.token_type", GgufValue.int32s(types));
    }

    private void tensor(GgufWriter writer, GgufFile source, GgufTensor tensor) {
        String name = tensor.name();
        switch (name) {
            case "token_embd.weight" -> writer.tensor(name, GgmlType.F32, this::embedding, WIDTH, tokens.size());
            case "output.weight" -> writer.tensor(name, GgmlType.F32, this::output, WIDTH, tokens.size());
            case "output_norm.weight" -> writer.tensor(name, GgmlType.F32, (_, row) -> Arrays.fill(row, 1), WIDTH);
            default -> {
                boolean adds = name.contains("attn_output") || name.contains("ffn_down");
                writer.tensor(
                        name,
                        tensor.type(),
                        adds ? TensorSource.of(new byte[(int) tensor.byteSize()]) : source.source(tensor),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
            }
        }
    }

    private void embedding(long token, float[] row) {
        Arrays.fill(row, 0);
        if (token >= BASE) {
            direction(token, row);
        }
    }

    /** What the tokens before it point to. */
    private void output(long token, float[] row) {
        Arrays.fill(row, 0);
        float[] before = new float[WIDTH];
        next.forEach((from, to) -> {
            if (to == token) {
                direction(from, before);
                for (int i = 0; i < WIDTH; i++) {
                    row[i] += before[i];
                }
            }
        });
    }

    /** Nearly at right angles to that of any other token. */
    private static void direction(long token, float[] row) {
        Random random = new Random(token);
        for (int i = 0; i < WIDTH; i++) {
            row[i] = random.nextBoolean() ? 1 : -1;
        }
    }
}
