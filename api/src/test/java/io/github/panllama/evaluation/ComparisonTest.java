package io.github.panllama.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model against a coarser one of the same numbers. */
class ComparisonTest {
    @TempDir
    private static Path folder;

    private static String words;
    private static Path exact;
    private static Path eight;
    private static Path four;

    @BeforeAll
    static void prepare() throws Exception {
        Llama.initialize();
        words = Texts.words(1200, 1);
        exact = Texts.model(folder, Architecture.LLAMA, GgmlType.F32);
        eight = Texts.model(folder, Architecture.LLAMA, GgmlType.Q8_0);
        four = Texts.model(folder, Architecture.LLAMA, GgmlType.Q4_0);
    }

    @ParameterizedTest
    @CsvSource({"128, 512", "256, 100"})
    void aModelIsAsFarFromItselfAsNothing(int window, int batch) {
        ComparisonResult result = compare(exact, exact, window, batch);
        assertThat(result.klDivergence().mean()).isLessThan(1e-6);
        assertThat(result.klDivergence().maximum()).isLessThan(1e-6);
        assertThat(result.topAgreement()).isEqualTo(1);
        assertThat(result.perplexityRatio()).isCloseTo(1, within(1e-9));
        assertThat(result.rmsProbabilityChange()).isLessThan(1e-6);
        assertThat(result.tokens()).isGreaterThan(300);
    }

    @Test
    void aCoarserModelIsFartherAway() {
        ComparisonResult near = compare(exact, eight, 128, 512);
        ComparisonResult far = compare(exact, four, 128, 512);
        assertThat(near.klDivergence().mean())
                .isGreaterThan(1e-6)
                .isLessThan(far.klDivergence().mean() / 10);
        assertThat(near.topAgreement()).isLessThan(1).isGreaterThan(far.topAgreement());
        assertThat(near.rmsProbabilityChange()).isLessThan(far.rmsProbabilityChange());
    }

    @Test
    void aCoarserKvCacheIsFartherAway() {
        try (LlamaModel model = Texts.load(exact)) {
            double eightBits = kvCacheCost(model, KvCacheType.Q8_0);
            assertThat(eightBits).isGreaterThan(0).isLessThan(kvCacheCost(model, KvCacheType.Q4_0) / 5);
        }
    }

    /** The divergence of a model from itself with a full cache. */
    private static double kvCacheCost(LlamaModel model, KvCacheType type) {
        WindowOptions options = options(128, 512)
                .candidateContext(context -> context.kvCacheType(type).flashAttention(FlashAttention.ENABLED))
                .build();
        return Evaluation.compare(model, model, words, options).klDivergence().mean();
    }

    @Test
    void thePerplexitiesAreThoseOfEachAlone() {
        ComparisonResult result = compare(exact, four, 128, 512);
        WindowOptions options = options(128, 512).build();
        try (LlamaModel one = Texts.load(exact);
                LlamaModel other = Texts.load(four)) {
            double reference = Evaluation.perplexity(one, words, options).perplexity();
            double candidate = Evaluation.perplexity(other, words, options).perplexity();
            assertThat(result.reference().perplexity() / reference).isCloseTo(1, within(1e-9));
            assertThat(result.candidate().perplexity() / candidate).isCloseTo(1, within(1e-9));
            assertThat(result.perplexityRatio()).isCloseTo(candidate / reference, within(1e-9));
        }
        assertThat(result.perplexityRatioError()).isPositive();
    }

    /** Upstream keeps the reference's logarithms in 16 bits, so its figures are a little off. */
    @Test
    void theFiguresAreUpstreams() throws Exception {
        UpstreamPerplexity upstream = UpstreamPerplexity.compile(folder);
        Path text = Files.writeString(folder.resolve("text.txt"), words);
        String logits = folder.resolve("logits").toString();
        upstream.output("Final estimate", exact, text, "-c", "128", "-b", "512", "--kl-divergence-base", logits);
        String told = upstream.output(
                "Same top p:", four, text, "-c", "128", "-b", "512", "--kl-divergence-base", logits, "--kl-divergence");
        ComparisonResult result = compare(exact, four, 128, 512);
        Distribution divergence = result.klDivergence();
        near(divergence.mean(), told, "Mean    KLD");
        near(divergence.median(), told, "Median  KLD");
        near(divergence.percentile1(), told, " 1.0%   KLD");
        near(divergence.percentile5(), told, " 5.0%   KLD");
        near(divergence.percentile10(), told, "10.0%   KLD");
        near(divergence.percentile90(), told, "90.0%   KLD");
        near(divergence.percentile95(), told, "95.0%   KLD");
        near(divergence.percentile99(), told, "99.0%   KLD");
        near(divergence.maximum(), told, "Maximum KLD");
        near(divergence.minimum(), told, "Minimum KLD");
        near(result.perplexityRatio(), told, "Mean PPL\\(Q\\)/PPL\\(base\\)");
        near(100 * result.topAgreement(), told, "Same top p");
        near(100 * result.rmsProbabilityChange(), told, "RMS Δp");
        near(100 * result.meanProbabilityChange(), told, "Mean    Δp");
    }

    private static void near(double figure, String told, String label) {
        double expected = UpstreamPerplexity.figure(told, label);
        assertThat(figure).as(label).isCloseTo(expected, within(2e-3 * Math.abs(expected) + 1e-3));
    }

    @Test
    void aBiggerModelOfTheSameVocabularyMayBeCompared() throws Exception {
        Path bigger = folder.resolve("bigger.gguf");
        SyntheticModel.builder(Architecture.QWEN2).layers(4).write(bigger);
        assertThat(compare(exact, bigger, 128, 512).klDivergence().mean()).isGreaterThan(0.1);
    }

    @Test
    void progressTellsTheDivergence() {
        List<EvaluationProgress> told = new ArrayList<>();
        try (LlamaModel one = Texts.load(exact);
                LlamaModel other = Texts.load(four)) {
            ComparisonResult result = Evaluation.compare(
                    one, other, words, options(128, 256).listener(told::add).build());
            assertThat(told.getLast().figure()).isCloseTo(result.klDivergence().mean(), within(1e-9));
            assertThat(told.getLast().tokens()).isEqualTo(2 * result.reference().computedTokens());
        }
    }

    @Test
    void modelsOfDifferentVocabulariesAreRefused() throws Exception {
        Path larger = folder.resolve("larger.gguf");
        SyntheticModel.builder(Architecture.LLAMA).vocabularySize(600).write(larger);
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> compare(exact, larger, 128, 512))
                .withMessageContaining("different vocabularies (512 tokens against 600)");
    }

    private static ComparisonResult compare(Path reference, Path candidate, int window, int batch) {
        try (LlamaModel one = Texts.load(reference);
                LlamaModel other = Texts.load(candidate)) {
            return Evaluation.compare(one, other, words, options(window, batch).build());
        }
    }

    private static WindowOptions.Builder options(int window, int batch) {
        return WindowOptions.builder().context(Texts.CPU).windowSize(window).batchSize(batch);
    }
}
