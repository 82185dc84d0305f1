package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.engine.*;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Java snippets of docs/engine.md and docs/isolation.md: see {@link Snippets}. */
final class EngineSnippets {
    private EngineSnippets() {}

    static void engine(LlamaModel model, String prompt) {
        try (LlamaEngine engine = LlamaEngine.start(model)) {
            Generation generation = engine.generate(
                    CompletionRequest.builder(prompt).maxTokens(200).stop("\n\n").build());
            for (GenerationChunk chunk : generation) {
                System.out.print(chunk.text());
            }
            CompletionResult result = generation.await();
            System.out.println(result.finishReason() + ", " + result.usage() + ", " + result.timings().timeToFirstToken());
        }
    }

    static void isolated(Path file, Path folder, String prompt) {
        IsolatedOptions options = IsolatedOptions.builder()
                .engine(EngineOptions.builder().sequences(16).sessionFolder(folder).build())
                .build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(file, options)) {
            try {
                System.out.println(engine.generate(CompletionRequest.of(prompt)).await().text());
            } catch (EngineCrashedException e) {
                System.err.println(e.signal() + " " + e.lastLines() + " " + e.crashFile());
            }
        }
    }

    static Generation retry(LlamaEngine engine, CompletionRequest request) throws InterruptedException {
        try {
            return engine.generate(request);
        } catch (EngineBusyException e) {
            Thread.sleep(e.retryAfter());
            return engine.generate(request);
        }
    }

    static List<Generation> severalAnswers(LlamaEngine engine, CompletionRequest request) {
        List<Generation> answers = engine.generate(request, 4);
        return answers;
    }

    static EngineOptions latencyTarget() {
        EngineOptions options = EngineOptions.builder()
                .sequences(64)
                .contextSize(32_768)
                .targetInterTokenLatency(Duration.ofMillis(50))
                .build();
        return options;
    }

    static void speculate(LlamaEngine engine, String prompt) {
        CompletionRequest request = CompletionRequest.builder(prompt)
                .speculation(Speculation.ngram())
                .build();
        CompletionResult result = engine.generate(request).await();
        System.out.println(result.usage().acceptance()); // the share of guesses that were right
    }

    static CompletionRequest logprobs(String prompt) {
        CompletionRequest request = CompletionRequest.builder(prompt).logprobs(5).build();
        return request;
    }

    static CompletionRequest adapters(LlamaModel model, Path file, String prompt) {
        LoraAdapter adapter = LoraAdapter.load(model, file);
        CompletionRequest request = CompletionRequest.builder(prompt).adapters(Map.of(adapter, 1f)).build();
        return request;
    }

    static CompletionRequest namedAdapter(LlamaModel model, Path file, Path draft, String prompt) {
        EngineOptions options = EngineOptions.builder()
                .adapter("legal", file)
                .draftModel(draft)
                .build();
        CompletionRequest request = CompletionRequest.builder(prompt)
                .adapter("legal", 0.8f)
                .speculation(Speculation.draftModel())
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            engine.generate(request).await();
        }
        return request;
    }

    static int session(LlamaEngine engine) {
        try (Session session = engine.openSession()) {
            System.out.println(session.generate(CompletionRequest.of("Once upon a time")).await().text());
            int before = session.length();
            System.out.println(session.generate(CompletionRequest.of(" And then")).await().text());
            session.rewind(before); // and another answer
            return session.generate(CompletionRequest.of(" Or")).await().usage().cachedTokens();
        }
    }

    static int[] reopen(LlamaModel model, Path folder) {
        EngineOptions options = EngineOptions.builder()
                .sessionMemory(256 << 20)
                .sessionFolder(folder)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("alice");
            session.generate(CompletionRequest.of("My name is Alice.")).await();
            session.save();
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("alice");
            return session.tokens();
        }
    }

    static CompletionRequest sliding(String prompt) {
        CompletionRequest request = CompletionRequest.builder(prompt)
                .contextFull(ContextFullPolicy.SHIFT)
                .keepTokens(64)
                .build();
        return request;
    }

    static EngineOptions manySequences() {
        EngineOptions options = EngineOptions.builder()
                .replicas(4)
                .sequences(256)
                .build();
        return options;
    }

    static LlamaEngine severalGpus(Path file, EngineOptions options) {
        List<LlamaModel> models = new ArrayList<>();
        for (Device gpu : Device.gpus()) {
            models.add(LlamaModel.load(file, ModelOptions.builder().devices(List.of(gpu)).build()));
        }
        LlamaEngine engine = LlamaEngine.start(models, options);
        return engine;
    }

    static EngineTuning tuning(LlamaEngine engine) {
        EngineTuning tuning = engine.stats().tuning();
        System.out.println(tuning.source() + ": " + tuning.threads() + " threads for a token, " + tuning.batchThreads()
                + " for more, flash attention " + tuning.flashAttention() + ", one KV cache " + tuning.unifiedKvCache());
        return tuning;
    }

    static EngineOptions knownLength() {
        return EngineOptions.builder()
                .sequences(64)
                .contextSize(64 * 1024)
                .context(context -> context.unifiedKvCache(false))
                .build();
    }
}
