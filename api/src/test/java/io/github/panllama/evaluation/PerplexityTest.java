package io.github.panllama.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Perplexity is that of upstream's tool, compiled here from the pinned source. */
class PerplexityTest {
    /** Of what upstream prints, 0.1 %. */
    private static final double SAME = 1e-3;

    @TempDir
    private static Path folder;

    private static UpstreamPerplexity upstream;
    private static String words;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void prepare() throws Exception {
        Llama.initialize();
        upstream = UpstreamPerplexity.compile(folder);
        words = Texts.words(1200, 1);
        text = Files.writeString(folder.resolve("text.txt"), words);
        model = Texts.model(folder, Architecture.LLAMA, GgmlType.F32);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void severalWindowsInABatchGiveUpstreamsFigure(Architecture architecture) throws Exception {
        Path file = Texts.model(folder, architecture, GgmlType.F32);
        check(file, 128, 512, 0, "-c", "128", "-b", "512");
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "MAMBA2"})
    void aWindowInSeveralBatchesGivesUpstreamsFigure(Architecture architecture) throws Exception {
        Path file = Texts.model(folder, architecture, GgmlType.F32);
        check(file, 256, 96, 0, "-c", "256", "-b", "96");
    }

    @ParameterizedTest
    @CsvSource({"256, 256, 64", "250, 100, 33"})
    void overlappingWindowsGiveUpstreamsFigure(int window, int batch, int stride) throws Exception {
        check(model, window, batch, stride, "-c", "" + window, "-b", "" + batch, "--ppl-stride", "" + stride);
    }

    @Test
    void aWindowOfAnOddSizeGivesUpstreamsFigure() throws Exception {
        check(model, 101, 505, 0, "-c", "101", "-b", "505");
    }

    private static void check(Path file, int window, int batch, int stride, String... arguments) throws Exception {
        try (LlamaModel loaded = Texts.load(file)) {
            PerplexityResult result = Evaluation.perplexity(
                    loaded,
                    words,
                    options().windowSize(window).batchSize(batch).stride(stride).build());
            assertThat(result.chunks()).isGreaterThan(3);
            double expected = upstream.perplexity(result.chunks(), file, text, arguments);
            assertThat(result.perplexity() / expected).isCloseTo(1, within(SAME));
        }
    }

    @Test
    void theStandardErrorIsUpstreams() throws Exception {
        String output = upstream.output("Final estimate", model, text, "-c", "128", "-b", "512");
        String line = output.lines()
                .filter(each -> each.contains("Final estimate: PPL"))
                .findFirst()
                .orElseThrow();
        double expected =
                Double.parseDouble(line.substring(line.indexOf("+/-") + 3).strip());
        try (LlamaModel loaded = Texts.load(model)) {
            PerplexityResult result = Evaluation.perplexity(
                    loaded, words, options().windowSize(128).batchSize(512).build());
            assertThat(result.standardError() / expected).isCloseTo(1, within(SAME));
        }
    }

    /** The definition, computed plainly: one window, one row at a time. */
    @Test
    void theFigureIsThatOfItsDefinition() throws IOException {
        try (LlamaModel loaded = Texts.load(model)) {
            int[] tokens = Arrays.copyOf(loaded.tokenizer().encode(words, true, false), 64);
            PerplexityResult result = Evaluation.perplexity(
                    loaded, tokens, options().windowSize(32).build());
            double loss = loss(loaded, Arrays.copyOf(tokens, 32)) + loss(loaded, Arrays.copyOfRange(tokens, 32, 64));
            assertThat(result.negativeLogLikelihood()).isCloseTo(loss / 30, within(1e-4));
            assertThat(result.perplexity()).isEqualTo(Math.exp(result.negativeLogLikelihood()));
            assertThat(result.tokens()).isEqualTo(30);
            assertThat(result.chunks()).isEqualTo(2);
            assertThat(result.computedTokens()).isEqualTo(64);
            assertThat(result.tokensPerSecond()).isPositive();
        }
    }

    private static double loss(LlamaModel loaded, int[] window) {
        ContextOptions.Builder options = ContextOptions.builder().contextSize(64);
        Texts.CPU.accept(options);
        try (LlamaContext context = loaded.newContext(options.build());
                Batch batch = context.newBatch()) {
            double loss = 0;
            for (int i = 0; i < 31; i++) {
                batch.clear();
                batch.add(i == 0 ? loaded.tokenizer().beginOfText().orElseThrow() : window[i], i, 0, true);
                context.decode(batch);
                if (i >= 16) {
                    loss -= context.logits(0).logProbability(window[i + 1]);
                }
            }
            return loss;
        }
    }

    @Test
    void aTextThatTheModelKnowsHasALowerFigureThanAShuffledOne() throws IOException {
        try (LlamaModel loaded = Texts.load(model)) {
            int[] own = Texts.generate(loaded, 300);
            double known = Evaluation.perplexity(
                            loaded, own, options().windowSize(64).build())
                    .perplexity();
            int[] shuffled = own.clone();
            for (int i = 0; i < shuffled.length; i++) {
                shuffled[i] = own[own.length - 1 - i];
            }
            double unknown = Evaluation.perplexity(
                            loaded, shuffled, options().windowSize(64).build())
                    .perplexity();
            assertThat(known).isLessThan(unknown / 10);
        }
    }

    @Test
    void whatIsNotWantedDoesNotCount() throws IOException {
        try (LlamaModel loaded = Texts.load(model)) {
            WindowOptions.Builder all = options().windowSize(64).maxChunks(4);
            PerplexityResult whole = Evaluation.perplexity(loaded, words, all.build());
            PerplexityResult some = Evaluation.perplexity(
                    loaded, words, all.countedTokens(index -> index % 3 == 0).build());
            PerplexityResult others = Evaluation.perplexity(
                    loaded, words, all.countedTokens(index -> index % 3 != 0).build());
            assertThat(some.tokens()).isBetween(whole.tokens() / 4, whole.tokens() / 2);
            assertThat(some.tokens() + others.tokens()).isEqualTo(whole.tokens());
            assertThat(some.negativeLogLikelihood() * some.tokens() + others.negativeLogLikelihood() * others.tokens())
                    .isCloseTo(whole.negativeLogLikelihood() * whole.tokens(), within(1e-6 * whole.tokens()));
            assertThat(some.perplexity()).isNotEqualTo(others.perplexity());
            assertThatThrownBy(() -> Evaluation.perplexity(
                            loaded,
                            words,
                            all.countedTokens(index -> index < 32).build()))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessageContaining("none of the 124 tokens");
        }
    }

    @Test
    void chunksCanBeLimited() {
        try (LlamaModel loaded = Texts.load(model)) {
            PerplexityResult result = Evaluation.perplexity(
                    loaded, words, options().windowSize(64).maxChunks(3).build());
            assertThat(result.chunks()).isEqualTo(3);
            assertThat(result.tokens()).isEqualTo(3 * 31);
        }
    }

    @Test
    void progressIsToldAndEndsComplete() {
        List<EvaluationProgress> told = new ArrayList<>();
        try (LlamaModel loaded = Texts.load(model)) {
            PerplexityResult result = Evaluation.perplexity(
                    loaded,
                    words,
                    options()
                            .windowSize(64)
                            .batchSize(128)
                            .listener(progress -> told.add(progress))
                            .build());
            assertThat(told.getFirst().fraction()).isZero();
            assertThat(told.getLast().fraction()).isEqualTo(1);
            assertThat(told.getLast().figure()).isCloseTo(result.perplexity(), within(1e-9));
            assertThat(told.getLast().tokens()).isEqualTo(result.computedTokens());
            assertThat(told).hasSizeGreaterThan(10).isSortedAccordingTo((a, b) -> Integer.compare(a.done(), b.done()));
        }
    }

    @Test
    void aListenerCancels() {
        List<EvaluationProgress> told = new ArrayList<>();
        try (LlamaModel loaded = Texts.load(model)) {
            WindowOptions options = options()
                    .windowSize(64)
                    .batchSize(64)
                    .listener(progress -> {
                        told.add(progress);
                        return progress.done() < 2;
                    })
                    .build();
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> Evaluation.perplexity(loaded, words, options))
                    .withMessageContaining("at 2 of");
            assertThat(told).hasSize(3);
        }
    }

    @Test
    void whatCannotBeMeasuredIsRefused() throws IOException {
        try (LlamaModel loaded = Texts.load(model);
                LlamaModel encoder = Texts.load(Texts.model(folder, Architecture.NOMIC_BERT, GgmlType.F32))) {
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.perplexity(loaded, ""))
                    .withMessage("The text is empty");
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.perplexity(loaded, new int[0], WindowOptions.defaults()))
                    .withMessage("The text is empty");
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.perplexity(
                            loaded, new int[127], options().windowSize(64).build()))
                    .withMessageContaining("has 127 tokens")
                    .withMessageContaining("two windows of 64 need 128");
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> Evaluation.perplexity(
                            loaded,
                            wrongToken(200, 512),
                            options().windowSize(64).build()))
                    .withMessageContaining("512");
            assertThatExceptionOfType(EvaluationException.class)
                    .isThrownBy(() -> Evaluation.perplexity(
                            encoder, words, options().windowSize(64).build()))
                    .withMessageContaining("end-of-text");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evaluation.perplexity(
                            loaded, words, options().windowSize(64).stride(256).build()))
                    .withMessageContaining("stride is 256");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WindowOptions.builder().windowSize(3));
        }
    }

    private static int[] wrongToken(int length, int token) {
        int[] tokens = new int[length];
        tokens[70] = token;
        return tokens;
    }

    private static WindowOptions.Builder options() {
        return WindowOptions.builder().context(Texts.CPU);
    }
}
