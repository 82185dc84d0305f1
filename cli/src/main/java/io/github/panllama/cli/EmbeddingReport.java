package io.github.panllama.cli;

import io.github.panllama.embedding.Embedder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Embeddings as {@code embed} prints them. The fields of the JSON object are documented in docs/cli.md and stay.
 *
 * @param tokens how many each text has
 * @param vectors of each text: one, or one for each token
 * @param each whether there is one for each token
 * @param similarity whether to compare the texts
 */
record EmbeddingReport(List<Integer> tokens, List<List<float[]>> vectors, boolean each, boolean similarity) {
    void print(Output out) {
        if (similarity) {
            similarities()
                    .forEach(row -> out.println(row.stream()
                            .map(value -> String.format(Locale.ROOT, "%7.4f", value))
                            .collect(Collectors.joining(" "))));
            return;
        }
        String between = "";
        for (List<float[]> text : vectors) {
            out.print(between);
            text.forEach(vector ->
                    out.println(numbers(vector).stream().map(String::valueOf).collect(Collectors.joining(" "))));
            between = each ? "\n" : "";
        }
    }

    Map<String, Object> json(Path file, Embedder embedder) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("model", file.toString());
        object.put("pooling", embedder.pooling().name().toLowerCase(Locale.ROOT));
        object.put("normalization", EmbedCommand.NormalizationConverter.name(embedder.normalization()));
        object.put("dimensions", embedder.dimensions());
        List<Map<String, Object>> embeddings = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            embeddings.add(embedding(i));
        }
        object.put("embeddings", embeddings);
        if (similarity) {
            object.put("similarity", similarities());
        }
        return object;
    }

    private Map<String, Object> embedding(int index) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("index", index);
        object.put("tokens", tokens.get(index));
        List<List<Float>> own =
                vectors.get(index).stream().map(EmbeddingReport::numbers).toList();
        object.put(each ? "embeddings" : "embedding", each ? own : own.getFirst());
        return object;
    }

    private List<List<Float>> similarities() {
        return vectors.stream()
                .map(row -> vectors.stream()
                        .map(column -> Embedder.cosine(row.getFirst(), column.getFirst()))
                        .toList())
                .toList();
    }

    private static List<Float> numbers(float[] vector) {
        List<Float> numbers = new ArrayList<>(vector.length);
        for (float value : vector) {
            numbers.add(value);
        }
        return numbers;
    }
}
