package com.example.quickstart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.NativeLibraryException;
import io.github.panllama.QuantizationResult;
import io.github.panllama.Quantizer;
import io.github.panllama.Sampler;
import io.github.panllama.TextGenerator;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatReply;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.StructuredOutputException;
import io.github.panllama.chat.Tool;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the documentation shows, on random models. */
class SnippetsTest {
    @TempDir
    static Path folder;

    static Path llama;
    static Path experts;
    static Path encoder;

    @BeforeAll
    static void write() throws Exception {
        llama = write(Architecture.LLAMA);
        experts = write(Architecture.QWEN3MOE);
        encoder = write(Architecture.NOMIC_BERT);
    }

    private static Path write(Architecture architecture) throws Exception {
        Path file = folder.resolve(architecture + ".gguf");
        SyntheticModel.builder(architecture).build().write(file);
        return file;
    }

    @Test
    void memory() {
        assertTrue(MemorySnippets.fits(llama));
        MemorySnippets.compare(llama);
        assertTrue(MemorySnippets.engine(llama).total() > 0);
        assertTrue(MemorySnippets.largest(llama) >= 256);
    }

    @Test
    void gpu() {
        GpuSnippets.look();
        GpuMonitor.openIfPresent().ifPresent(monitor -> {
            GpuSnippets.energy(monitor, () -> 1);
            GpuSnippets.devices(monitor);
            GpuSnippets.watch(monitor, () -> 1);
            monitor.close();
        });
    }

    @Test
    void chat() {
        try (LlamaModel model = LlamaModel.load(llama);
                TextGenerator generator = TextGenerator.of(model)) {
            ChatReply reply = Snippets.chat(model, generator);
            ChatTemplate template = ChatTemplate.of(model);
            List<ChatMessage> messages = List.of(ChatMessage.user("What is 47 + 85?"));
            assertTrue(Snippets.goOn(template, messages, reply).text().contains("And plus 100?"));
            assertEquals(
                    template.render(messages).text(),
                    template.render(messages, Snippets.chatOptions()).text());
            assertTrue(Snippets.lessThinking(template, messages).stages().size() > 1);
        }
    }

    @Test
    void structuredOutput() throws Exception {
        assertTrue(StructuredSnippets.written().grammar().contains("mood"));
        List<Tool> house = StructuredSnippets.methods();
        assertEquals(List.of("heat", "lights"), house.stream().map(Tool::name).toList());
        assertEquals("hall is light", house.get(1).function().call("{\"room\": \"hall\", \"on\": true}"));
        assertEquals("Sun in Bern", StructuredSnippets.record().function().call("{\"town\": \"Bern\"}"));
        assertTrue(StructuredSnippets.raw().function().call("{}").contains(":"));
        try (LlamaModel model = LlamaModel.load(llama);
                LlamaEngine engine = LlamaEngine.start(model)) {
            ChatTemplate template = ChatTemplate.of(model);
            List<ChatMessage> messages = List.of(ChatMessage.user("Light, please"));
            assertTrue(StructuredSnippets.prompt(template, house, messages).text().contains("Light, please"));
            StructuredSnippets.Invoice invoice = StructuredSnippets.invoice(engine, "An invoice: ");
            assertTrue(invoice.items().size() <= 20);
        } catch (StructuredOutputException e) {
            // Random weights seldom come to an end within the tokens that they have.
            assertTrue(e.json().startsWith("{"));
        }
    }

    @Test
    void loading() {
        Snippets.whatWasLoaded();
        if (Device.gpus().isEmpty()) {
            assertThrows(NativeLibraryException.class, Snippets::requireGpu);
        } else {
            Snippets.requireGpu();
        }
    }

    @Test
    void modelsLoadWithTheOptionsShown() {
        Device cpu = Device.all().getLast();
        Snippets.halfOnTheGpu(llama).close();
        LlamaModel.load(llama, Snippets.placements(cpu)).close();
        LlamaModel.load(experts, Snippets.experts()).close();
        try (LlamaModel model = LlamaModel.load(llama, Snippets.overrides())) {
            assertEquals(8192, model.trainingContextSize());
        }
        if (Device.gpus().size() > 1) {
            LlamaModel.load(llama, Snippets.twoGpus()).close();
        }
    }

    @Test
    void contextsDecode() throws Exception {
        try (LlamaModel model = LlamaModel.load(llama)) {
            for (ContextOptions options : new ContextOptions[] {Snippets.manySequences(), Snippets.smallCache()}) {
                try (LlamaContext context = model.newContext(options)) {
                    Snippets.decode(model, context, "Hello");
                }
            }
            Path lora = folder.resolve("lora.gguf");
            SyntheticLora.write(lora, llama, 4, 1, 1);
            Path directions = folder.resolve("directions.gguf");
            new GgufWriter()
                    .put("general.architecture", "controlvector")
                    .tensor("direction.1", GgmlType.F32, (index, row) -> Arrays.fill(row, 0.1f), model.hiddenSize())
                    .write(directions);
            try (LlamaContext context = model.newContext()) {
                Snippets.adapters(model, context, lora);
                Snippets.controlVector(context, directions);
                Snippets.decode(model, context, "Hello");
            }
            assertEquals("Grüße", Snippets.stream(model, model.tokenizer().encode("Grüße", false, false)));
        }
    }

    @Test
    void quantising() throws Exception {
        Path source = folder.resolve("large.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .feedForwardLength(512)
                .write(source);
        Path target = folder.resolve("small.gguf");
        QuantizationResult result = Snippets.quantize(source, target);
        assertEquals(Files.size(target), result.plan().bytesAfter());
        assertTrue(Snippets.estimate(source) > Files.size(target));
        Path mixed = folder.resolve("mixed.gguf");
        Quantizer.quantize(source, mixed, Snippets.mixedPrecision());
        assertEquals(
                GgmlType.Q8_0,
                GgufFile.read(mixed).tensor("blk.0.ffn_down.weight").orElseThrow().type());
        assertThrows(IOException.class, () -> Quantizer.estimate(source, Snippets.importance(folder.resolve("none"))));
        Path merged = folder.resolve("merged.gguf");
        Snippets.splitAndMerge(source, folder, merged);
        assertEquals(-1, Files.mismatch(source, merged));
        GgufEditor.of(GgufFile.read(merged))
                .set("general.description", GgufValue.text("to be removed"))
                .write(merged);
        Snippets.edit(merged);
        assertEquals("My model", GgufFile.read(merged).metadata().string("general.name").orElseThrow());
    }

    @Test
    void embeddings() {
        try (LlamaModel model = LlamaModel.load(encoder)) {
            assertEquals(model.embeddingLength(), Snippets.embed(model, "Hello").length);
            assertTrue(EmbeddingSnippets.similarity(model) < 1);
            assertTrue(EmbeddingSnippets.tokens(model, "Hello") > 2);
            try (Embedder embedder = Embedder.of(model, EmbeddingSnippets.options())) {
                assertEquals(3, EmbeddingSnippets.many(embedder, List.of("one", "two", "three")).size());
            }
        }
    }

    @Test
    void ranking() throws Exception {
        Path file = folder.resolve("reranker.gguf");
        SyntheticModel.builder(Architecture.BERT).classifier(List.of()).write(file);
        List<String> documents = List.of("A domesticated camelid.", "A form for the tax office.");
        try (LlamaModel model = LlamaModel.load(file)) {
            assertTrue(documents.contains(EmbeddingSnippets.best(model, documents)));
        }
    }

    @Test
    void gaps() throws Exception {
        Path file = folder.resolve("gaps.gguf");
        GgufEditor.of(GgufFile.read(llama))
                .set("tokenizer.ggml.fim_pre_token_id", GgufValue.uint32(507))
                .set("tokenizer.ggml.fim_suf_token_id", GgufValue.uint32(508))
                .set("tokenizer.ggml.fim_mid_token_id", GgufValue.uint32(509))
                .write(file);
        try (LlamaModel model = LlamaModel.load(file);
                LlamaEngine engine = LlamaEngine.start(model)) {
            assertFalse(EmbeddingSnippets.fill(model, engine, "class Circle {", "}").isEmpty());
        }
    }

    @Test
    void sampling() {
        try (LlamaModel model = LlamaModel.load(llama);
                TextGenerator generator = TextGenerator.of(model);
                LlamaContext context = model.newContext(Snippets.manySequences());
                Sampler usual = Sampler.of(model, Snippets.usual());
                Sampler chain = Snippets.chain(model);
                Batch batch = context.newBatch()) {
            assertTrue(Snippets.grammar(generator).text().matches("yes|no"));
            batch.add(1, 0, 0, true);
            batch.add(2, 0, 1, true);
            context.decode(batch);
            Snippets.likeliest(model, context, 1);
            int[] tokens = Snippets.manyRows(context, new int[] {0, 1}, new Sampler[] {usual, chain});
            for (int token : tokens) {
                assertNotEquals(-1, token);
            }
        }
    }

    @Test
    void state() throws Exception {
        try (LlamaModel model = LlamaModel.load(llama, ModelOptions.defaults());
                LlamaContext context = model.newContext(Snippets.manySequences());
                LlamaContext other = model.newContext(Snippets.manySequences());
                Batch batch = context.newBatch()) {
            Snippets.share(context, batch, new int[] {5, 6, 7, 8, 9});
            assertEquals(4, context.memory().maxPosition(31));
            byte[] before = context.state(0).save();
            Snippets.saveAndRestore(context, folder.resolve("state"));
            assertArrayEquals(before, context.state(0).save());
            Snippets.move(context, other);
            assertEquals(4, other.memory().maxPosition(3));
            Snippets.slide(context.memory(), 1, 2);
            assertEquals(2, context.memory().maxPosition(0));
            Snippets.takeBack(context, 2);
            assertEquals(1, context.memory().maxPosition(0));
        }
    }

    @Test
    void engine() throws Exception {
        try (LlamaModel model = LlamaModel.load(llama)) {
            EngineSnippets.engine(model, "Once upon a time");
            CompletionRequest request = CompletionRequest.builder("Once upon a time").maxTokens(8).build();
            try (LlamaEngine engine = LlamaEngine.start(model, EngineSnippets.latencyTarget())) {
                assertTrue(EngineSnippets.retry(engine, request).await().tokens().size() <= 8);
                assertEquals(4, EngineSnippets.severalAnswers(engine, request).size());
                EngineSnippets.speculate(engine, "Once upon a time");
                CompletionResult result = engine.generate(EngineSnippets.logprobs("Once")).await();
                assertEquals(result.tokens().size(), result.logprobs().size());
                Path lora = folder.resolve("lora.gguf");
                SyntheticLora.write(lora, llama, 4, 1, 1);
                assertTrue(engine.generate(EngineSnippets.adapters(model, lora, "Once")).await().usage().promptTokens() > 0);
                assertTrue(EngineSnippets.session(engine) > 0);
                assertTrue(engine.generate(EngineSnippets.sliding("Once")).await().usage().promptTokens() > 0);
                assertTrue(EngineSnippets.tuning(engine).threads() > 0);
            }
            EngineOptions many = EngineSnippets.manySequences();
            if (!Device.gpus().isEmpty()) {
                EngineSnippets.severalGpus(llama, many).close();
            }
            try (LlamaEngine engine = LlamaEngine.start(model, many)) {
                assertEquals(1024, engine.stats().sequences());
                assertEquals(4, EngineSnippets.severalAnswers(engine, request).size());
            }
            assertTrue(EngineSnippets.reopen(model, folder.resolve("sessions")).length > 0);
            EngineSnippets.isolated(llama, folder.resolve("isolated"), "Once upon a time");
        }
    }

    @Test
    void trust() throws Exception {
        TrustSnippets.load(llama);
        TrustSnippets.check(llama);
        assertThrows(ModelLoadException.class, () -> LlamaModel.load(llama, TrustSnippets.trust()));
    }

    @Test
    void quality() {
        String text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
        try (LlamaModel model = LlamaModel.load(llama);
                LlamaModel other = LlamaModel.load(experts)) {
            assertTrue(Snippets.perplexity(model, text).perplexity() > 1);
            assertEquals(1, Snippets.compare(model, model, text).topAgreement());
            assertTrue(Snippets.compare(model, other, text).topAgreement() < 1);
            assertEquals(2, Snippets.questions(model).results().size());
        }
    }
}
