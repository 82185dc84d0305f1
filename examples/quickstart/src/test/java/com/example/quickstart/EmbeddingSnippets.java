package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.embedding.*;
import io.github.panllama.engine.*;
import java.util.List;

/** The Java snippets of docs/embeddings.md and docs/fill-in-the-middle.md: see {@link Snippets}. */
final class EmbeddingSnippets {
    private EmbeddingSnippets() {}

    static float similarity(LlamaModel model) {
        try (Embedder embedder = Embedder.of(model)) {
            float[] question = embedder.embed("What is a llama?");
            List<float[]> answers = embedder.embed(List.of("A domesticated camelid.", "A form for the tax office."));
            return Embedder.cosine(question, answers.get(0));
        }
    }

    static List<float[]> many(Embedder embedder, List<String> texts) {
        List<float[]> embeddings = embedder.embed(texts, fraction -> {
            System.out.printf("%.0f %%%n", fraction * 100);
            return !Thread.currentThread().isInterrupted(); // false cancels
        });
        return embeddings;
    }

    static EmbedderOptions options() {
        EmbedderOptions options = EmbedderOptions.builder()
                .pooling(PoolingType.LAST)
                .normalization(Normalization.EUCLIDEAN)
                .truncation(Truncation.KEEP_BEGINNING)
                .maxTokens(1024)
                .threads(4)
                .build();
        return options;
    }

    static int tokens(LlamaModel model, String text) {
        EmbedderOptions options = EmbedderOptions.builder().pooling(PoolingType.NONE).build();
        try (Embedder embedder = Embedder.of(model, options)) {
            List<float[]> tokens = embedder.embedEach(text);
            return tokens.size();
        }
    }

    static String best(LlamaModel model, List<String> documents) {
        try (Reranker reranker = Reranker.of(model)) {
            List<RankedDocument> ranked = reranker.rank("What is a llama?", documents);
            for (RankedDocument document : ranked) {
                System.out.println(document.score() + " " + document.index() + " " + document.document());
            }
            return ranked.getFirst().document();
        }
    }

    static String fill(LlamaModel model, LlamaEngine engine, String beforeCursor, String afterCursor) {
        FillInMiddle gap = FillInMiddle.builder(model)
                .prefix(beforeCursor)
                .suffix(afterCursor)
                .file("Shape.java", "interface Shape {\n    double area();\n}\n")
                .fileName("Circle.java")
                .build();
        CompletionRequest request = CompletionRequest.builder(gap.tokens()).maxTokens(64).build();
        return engine.generate(request).await().text();
    }
}
