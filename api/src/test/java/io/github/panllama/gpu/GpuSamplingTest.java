package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Batch;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.DeviceSampling;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Question;
import io.github.panllama.tinymodel.TinyModel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tokens chosen on the card are those that the host chooses. */
@OnCard
class GpuSamplingTest {
    private static final int DRAWS = 2000;
    private static final int[] PROMPT = Walk.prompt(12, 7);

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = Card.load(TinyModel.path());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void theLikeliestTokensAreThoseOfTheHost() {
        List<Question> questions = CardEngines.questions(model);
        List<CompletionRequest> requests =
                questions.stream().map(each -> CardEngines.greedy(each).build()).toList();
        List<String> onHost = texts(requests, DeviceSampling.OFF);
        assertThat(texts(requests, DeviceSampling.ON)).isEqualTo(onHost);
        assertThat(CardEngines.agreement(onHost, CardEngines.answersOfTheCpu(questions)))
                .isGreaterThanOrEqualTo(0.9);
    }

    /** Where the model is on the card, its sampling is too, unless the options say otherwise. */
    @Test
    void automaticallyIsWhereTheModelIs() {
        CompletionRequest request = CompletionRequest.builder("Hello")
                .maxTokens(8)
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .build();
        try (LlamaEngine engine = engine(DeviceSampling.AUTO)) {
            CardEngines.answers(engine, List.of(request));
            EngineStats stats = engine.stats();
            assertThat(stats.deviceSampled() > 0).isEqualTo(Card.isGpu());
            assertThat(stats.hostSampled() > 0).isNotEqualTo(Card.isGpu());
        }
    }

    private static LlamaEngine engine(DeviceSampling sampling) {
        return LlamaEngine.start(
                model, CardEngines.options(1).deviceSampling(sampling).build());
    }

    /** One after the other, so that nothing else is in a step. */
    private static List<String> texts(List<CompletionRequest> requests, DeviceSampling sampling) {
        try (LlamaEngine engine = engine(sampling)) {
            List<String> texts = requests.stream()
                    .map(request -> CardEngines.result(engine.generate(request)).text())
                    .toList();
            EngineStats stats = engine.stats();
            assertThat(sampling == DeviceSampling.OFF ? stats.deviceSampled() : stats.hostSampled())
                    .isZero();
            return texts;
        }
    }

    /** Two samples of the same size: 1 on average where they are of one distribution. */
    @Test
    void randomTokensHaveTheDistributionOfTheHosts() {
        int[] onCard = counts(List.of(
                new SamplerStage.TopK(20), new SamplerStage.Temperature(1.5f), new SamplerStage.Distribution(11)));
        int[] onHost = hostCounts(new SamplerStage.TopK(20), new SamplerStage.Temperature(1.5f));
        assertThat(chiSquare(onCard, onHost)).isLessThan(2.5);
        assertThat(chiSquare(onCard, hostCounts(new SamplerStage.TopK(20), new SamplerStage.Temperature(0.5f))))
                .as("of another temperature")
                .isGreaterThan(2.5);
    }

    private static int[] counts(List<SamplerStage> stages) {
        int[] counts = new int[model.vocabularySize()];
        try (LlamaContext context = model.newContext(Card.context(256).build());
                Sampler sampler = Sampler.of(model, stages);
                Batch batch = context.newBatch()) {
            Walk.evaluate(context, 0, PROMPT);
            assertThat(context.setDeviceSampler(0, sampler)).isTrue();
            for (int i = 0; i < DRAWS; i++) {
                decodeLast(context, batch);
                counts[sampler.sample(context, 0)]++;
            }
        }
        return counts;
    }

    private static int[] hostCounts(SamplerStage... stages) {
        int[] counts = new int[model.vocabularySize()];
        List<SamplerStage> all = IntStream.rangeClosed(0, stages.length)
                .mapToObj(i -> i < stages.length ? stages[i] : new SamplerStage.Distribution(12))
                .toList();
        try (LlamaContext context = model.newContext(Card.context(256).build());
                Sampler sampler = Sampler.of(model, all)) {
            float[] logits = Walk.evaluate(context, 0, PROMPT);
            for (int i = 0; i < DRAWS; i++) {
                counts[sampler.sample(logits.clone())]++;
            }
        }
        return counts;
    }

    private static void decodeLast(LlamaContext context, Batch batch) {
        int last = PROMPT.length - 1;
        context.memory().remove(0, last, io.github.panllama.ContextMemory.END);
        batch.clear();
        batch.add(PROMPT[last], last, 0, true);
        context.decode(batch);
    }

    /** Pearson's statistic of two samples, divided by its degrees of freedom; rare tokens are counted as one. */
    private static double chiSquare(int[] first, int[] second) {
        double sum = 0;
        int cells = 0;
        int rareFirst = 0;
        int rareSecond = 0;
        for (int token = 0; token < first.length; token++) {
            if (first[token] + second[token] < 10) {
                rareFirst += first[token];
                rareSecond += second[token];
            } else {
                sum += cell(first[token], second[token]);
                cells++;
            }
        }
        if (rareFirst + rareSecond >= 10) {
            sum += cell(rareFirst, rareSecond);
            cells++;
        }
        assertThat(cells).isGreaterThan(2);
        return sum / (cells - 1);
    }

    private static double cell(int first, int second) {
        double difference = (double) first - second;
        return difference * difference / (first + second);
    }

    @Test
    void grammarsAreKeptByTheHost() {
        CompletionRequest request = CompletionRequest.builder("What is 4 + 5?")
                .maxTokens(16)
                .sampling(SamplingOptions.builder()
                        .temperature(0)
                        .grammar("root ::= [a-c] [a-c] [a-c]")
                        .build())
                .build();
        CompletionRequest free = CompletionRequest.builder("What is 4 + 5?")
                .maxTokens(16)
                .sampling(SamplingOptions.greedy())
                .build();
        try (LlamaEngine engine = LlamaEngine.start(
                model, CardEngines.options(2).deviceSampling(DeviceSampling.ON).build())) {
            List<String> texts = CardEngines.answers(engine, List.of(request, free));
            assertThat(texts.getFirst()).matches("[a-c]{3}");
            assertThat(engine.stats().hostSampled()).isPositive();
            assertThat(engine.stats().deviceSampled()).isPositive();
        }
    }
}
