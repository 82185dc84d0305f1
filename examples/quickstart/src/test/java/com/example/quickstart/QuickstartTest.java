package com.example.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import org.junit.jupiter.api.Test;

class QuickstartTest {
    @Test
    void greedyTextIsTheSameEachTime() throws Exception {
        GenerationRequest request = GenerationRequest.builder("Once upon a time")
                .maxTokens(16)
                .sampling(SamplingOptions.greedy())
                .build();
        try (LlamaModel model = LlamaModel.load(Quickstart.randomModel());
                TextGenerator generator = TextGenerator.of(model)) {
            String first = generator.generate(request).text();
            assertEquals(first, generator.generate(request).text());
        }
    }
}
