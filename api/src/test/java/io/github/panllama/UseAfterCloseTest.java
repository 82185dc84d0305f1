package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whatever is asked of a closed object, the answer is an {@code IllegalStateException} and never a crash. */
class UseAfterCloseTest {
    @TestFactory
    Stream<DynamicTest> aClosedModelRefuses() {
        LlamaModel model = TestModels.llama();
        Tokenizer tokenizer = model.tokenizer();
        StreamingDecoder decoder = tokenizer.newStreamingDecoder();
        model.close();
        assertThat(model.isClosed()).isTrue();
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("newContext", () -> model.newContext());
        calls.put("description", model::description);
        calls.put("fileType", model::fileType);
        calls.put("parameterCount", model::parameterCount);
        calls.put("sizeInBytes", model::sizeInBytes);
        calls.put("vocabularySize", model::vocabularySize);
        calls.put("trainingContextSize", model::trainingContextSize);
        calls.put("embeddingLength", model::embeddingLength);
        calls.put("layers", model::layers);
        calls.put("isRecurrent", model::isRecurrent);
        calls.put("hasEncoder", model::hasEncoder);
        calls.put("classifierLabels", model::classifierLabels);
        calls.put("chatTemplate", model::chatTemplate);
        calls.put("chatTemplate(name)", () -> model.chatTemplate("tool_use"));
        calls.put("metadata", model::metadata);
        calls.put("metadata(key)", () -> model.metadata("general.name"));
        calls.put("encode", () -> tokenizer.encode("a"));
        calls.put("decode", () -> tokenizer.decode(1));
        calls.put("piece", () -> tokenizer.piece(1, true));
        calls.put("text", () -> tokenizer.text(1));
        calls.put("attributes", () -> tokenizer.attributes(1));
        calls.put("beginOfText", tokenizer::beginOfText);
        calls.put("type", tokenizer::type);
        calls.put("append", () -> decoder.append(1));
        return refuse(calls, "is closed");
    }

    @TestFactory
    Stream<DynamicTest> aClosedContextRefuses() throws IOException {
        LlamaModel model = TestModels.llama();
        LlamaContext context = model.newContext(TestModels.context(64).build());
        Batch batch = context.newBatch(4);
        batch.add(1, 0, 0, true);
        context.decode(batch);
        Logits logits = context.logits(0);
        Sampler sampler = Sampler.greedy(model);
        BatchSampler batchSampler = BatchSampler.create(1, 1);
        ContextMemory memory = context.memory();
        ContextState state = context.state();
        ContextState sequenceState = context.state(0);
        byte[] saved = state.save();
        LoraAdapter adapter = LoraAdapter.load(model, TestModels.lora(1));
        context.close();
        assertThat(context.isClosed()).isTrue();
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("newBatch", () -> context.newBatch());
        calls.put("newEmbeddingBatch", () -> context.newEmbeddingBatch(1));
        calls.put("decode", () -> context.decode(batch));
        calls.put("encode", () -> context.encode(batch));
        calls.put("abort", context::abort);
        calls.put("synchronize", context::synchronize);
        calls.put("logits", () -> context.logits(0));
        calls.put("embedding", () -> context.embedding(0));
        calls.put("sequenceEmbedding", () -> context.sequenceEmbedding(0));
        calls.put("view", () -> logits.get(0));
        calls.put("view copy", logits::toArray);
        calls.put("setAdapters", () -> context.setAdapters(Map.of(adapter, 1f)));
        calls.put("setControlVector", () -> context.setControlVector(null));
        calls.put("setThreads", () -> context.setThreads(1, 1));
        calls.put("setEmbeddings", () -> context.setEmbeddings(true));
        calls.put("setCausalAttention", () -> context.setCausalAttention(true));
        calls.put("performance", context::performance);
        calls.put("resetPerformance", context::resetPerformance);
        calls.put("contextSize", context::contextSize);
        calls.put("sequenceContextSize", context::sequenceContextSize);
        calls.put("threads", context::threads);
        calls.put("pooling", context::pooling);
        calls.put("clear", memory::clear);
        calls.put("remove", () -> memory.remove(0));
        calls.put("copy", () -> memory.copy(0, 0));
        calls.put("keep", () -> memory.keep(0));
        calls.put("shift", () -> memory.shift(0, 0, ContextMemory.END, 1));
        calls.put("divide", () -> memory.divide(0, 0, ContextMemory.END, 2));
        calls.put("maxPosition", () -> memory.maxPosition(0));
        calls.put("minPosition", () -> memory.minPosition(0));
        calls.put("canShift", memory::canShift);
        calls.put("save", state::save);
        calls.put("save sequence", sequenceState::save);
        calls.put("sizeInBytes", state::sizeInBytes);
        calls.put("restore", () -> state.restore(saved));
        calls.put("sample", () -> sampler.sample(context, 0));
        calls.put(
                "sample many", () -> batchSampler.sample(context, 1, new int[1], new Sampler[] {sampler}, new int[1]));
        return refuse(calls, "The context is closed").onClose(() -> {
            batch.close();
            sampler.close();
            batchSampler.close();
            adapter.close();
            model.close();
        });
    }

    @TestFactory
    Stream<DynamicTest> aClosedBatchRefuses() {
        LlamaModel model = TestModels.llama();
        LlamaContext context = model.newContext(TestModels.context(64).build());
        Batch batch = context.newBatch(4);
        batch.add(1, 0, 0, true);
        batch.close();
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("add", () -> batch.add(1, 1, 0, true));
        calls.put("add shared", () -> batch.add(1, 1, new int[] {0}, true));
        calls.put("addAll", () -> batch.addAll(new int[] {1}, 0, 1, 1, 0, true));
        calls.put("setOutput", () -> batch.setOutput(0, false));
        calls.put("clear", batch::clear);
        calls.put("decode", () -> context.decode(batch));
        return refuse(calls, "The batch is closed").onClose(() -> {
            context.close();
            model.close();
        });
    }

    @TestFactory
    Stream<DynamicTest> aClosedSamplerRefuses() {
        LlamaModel model = TestModels.llama();
        LlamaContext context = model.newContext(TestModels.context(64).build());
        TestModels.evaluate(context, 0, 0, 1);
        Sampler sampler = Sampler.greedy(model);
        BatchSampler batchSampler = BatchSampler.create(1, 2);
        BatchSampler closed = BatchSampler.create(1, 2);
        Sampler open = Sampler.greedy(model);
        sampler.close();
        closed.close();
        assertThat(sampler.isClosed()).isTrue();
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("sample", () -> sampler.sample(context, 0));
        calls.put("sample logits", () -> sampler.sample(new float[TestModels.VOCABULARY]));
        calls.put("accept", () -> sampler.accept(1));
        calls.put("reset", sampler::reset);
        calls.put("copy", sampler::copy);
        calls.put("in a batch", () -> sample(batchSampler, context, sampler));
        calls.put("batch sampler", () -> sample(closed, context, open));
        return refuse(calls, "sampler is closed").onClose(() -> {
            open.close();
            batchSampler.close();
            context.close();
            model.close();
        });
    }

    private static void sample(BatchSampler batchSampler, LlamaContext context, Sampler sampler) {
        batchSampler.sample(context, 1, new int[1], new Sampler[] {sampler}, new int[1]);
    }

    @Test
    void aClosedAdapterIsNotApplied() throws IOException {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = model.newContext(TestModels.context(64).build())) {
            LoraAdapter adapter = LoraAdapter.load(model, TestModels.lora(1));
            adapter.close();
            assertThat(adapter.isClosed()).isTrue();
            assertThatThrownBy(() -> context.setAdapters(Map.of(adapter, 1f)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
        }
    }

    @Test
    void aClosedGeneratorRefuses() {
        try (LlamaModel model = TestModels.llama()) {
            TextGenerator generator =
                    TextGenerator.of(model, TestModels.context(64).build());
            generator.close();
            generator.close();
            assertThatThrownBy(() -> generator.generate("a")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(generator::cancel).isInstanceOf(IllegalStateException.class);
        }
    }

    private static Stream<DynamicTest> refuse(Map<String, ThrowingCallable> calls, String message) {
        return calls.entrySet().stream()
                .map(call -> dynamicTest(
                        call.getKey(),
                        () -> assertThatThrownBy(call.getValue())
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining(message)));
    }
}
