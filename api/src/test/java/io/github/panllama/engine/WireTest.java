package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.ContextFullException;
import io.github.panllama.ContextOptions;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.Fields;
import io.github.panllama.FinishReason;
import io.github.panllama.InsufficientMemoryException;
import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelLoadException;
import io.github.panllama.NativeLibraryException;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TokenLogprob;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes to a worker, and comes from it, arrives as it was. */
class WireTest {
    private static final List<SamplerStage> STAGES = List.of(
            new SamplerStage.ReasoningBudget(9, "<think>", List.of("</think>", "</t>"), "Enough.", "<think>\n"),
            new SamplerStage.LogitBias(Map.of(3, -1.5f, 7, Float.NEGATIVE_INFINITY)),
            new SamplerStage.Grammar("root ::= \"ä\""),
            new SamplerStage.LazyGrammar("top ::= \"a\"", "top", List.of("a(b)"), List.of(4, 5)),
            new SamplerStage.ReplyGrammar(
                    new SamplerStage.Grammar("root ::= \"x\""), true, "<a>", "<think>", List.of("</think>")),
            new SamplerStage.ReplyGrammar(
                    new SamplerStage.LazyGrammar("root ::= \"x\"", "root", List.of(), List.of(1)),
                    false,
                    "",
                    "",
                    List.of()),
            new SamplerStage.Penalties(64, 1.1f, 0.2f, 0.3f),
            new SamplerStage.Dry(0.8f, 1.75f, 2, 100, List.of("\n", ":")),
            new SamplerStage.TopNSigma(2.5f),
            new SamplerStage.TopK(40),
            new SamplerStage.Typical(0.9f, 2),
            new SamplerStage.TopP(0.95f, 3),
            new SamplerStage.MinP(0.05f, 4),
            new SamplerStage.Xtc(0.5f, 0.1f, 1, 77),
            new SamplerStage.Infill(),
            new SamplerStage.DynamicTemperature(0.8f, 0.1f, 1.5f),
            new SamplerStage.Temperature(0.7f),
            new SamplerStage.Mirostat(1, 5, 0.1f, 100),
            new SamplerStage.MirostatV2(2, 5, 0.1f),
            new SamplerStage.AdaptiveP(0.5f, 0.9f, 3),
            new SamplerStage.Greedy(),
            new SamplerStage.Distribution(42));

    @Test
    void everyStageArrives() throws ProtocolException {
        Set<Class<?>> kinds = Set.of(SamplerStage.class.getPermittedSubclasses());
        assertThat(STAGES.stream().<Class<?>>map(SamplerStage::getClass).distinct())
                .hasSize(kinds.size());
        FrameReader in = FrameFields.of(out -> StageCodec.write(STAGES, out));
        assertThat(StageCodec.read(in)).isEqualTo(STAGES);
        in.end();
    }

    static CompletionRequest.Builder full(CompletionRequest.Builder request) {
        return request.maxTokens(12)
                .sampling(SamplingOptions.of(STAGES))
                .stop("one", "zwei\u00e4")
                .stopTokens(3, 4)
                .logprobs(5)
                .adapter("one", 0.5f)
                .adapter("two", -1)
                .ignoreEndOfGeneration(true)
                .priority(-2)
                .timeout(Duration.ofSeconds(3))
                .contextFull(ContextFullPolicy.SHIFT)
                .keepTokens(7)
                .speculation(Speculation.ngram(2, 6));
    }

    @Test
    void everythingOfARequestArrives() throws ProtocolException {
        CompletionRequest text = full(CompletionRequest.builder("täxt 😀")).build();
        FrameReader in = FrameFields.of(out -> RequestCodec.write(text, text.timeout, out));
        Fields.assertSame(text, RequestCodec.read(in), Set.of());
        in.end();

        CompletionRequest tokens =
                full(CompletionRequest.builder(new int[] {1, 2, 3})).build();
        in = FrameFields.of(out -> RequestCodec.write(tokens, tokens.timeout, out));
        Fields.assertSame(tokens, RequestCodec.read(in), Set.of("prompt"));
        in.end();
    }

    @ParameterizedTest
    @MethodSource
    void everyKindOfSpeculationArrives(Speculation speculation) throws ProtocolException {
        CompletionRequest request =
                CompletionRequest.builder("x").speculation(speculation).build();
        FrameReader in = FrameFields.of(out -> RequestCodec.write(request, null, out));
        assertThat(RequestCodec.read(in).speculation).usingRecursiveComparison().isEqualTo(speculation);
        in.end();
    }

    static Stream<Speculation> everyKindOfSpeculationArrives() {
        return Stream.of(Speculation.ngram(2, 6), Speculation.multiToken(3), Speculation.draftModel(4, 0.25f));
    }

    @Test
    void aLoneSurrogateBecomesAQuestionMark() throws ProtocolException {
        CompletionRequest request = CompletionRequest.of("a\ud800b");
        FrameReader in = FrameFields.of(out -> RequestCodec.write(request, null, out));
        assertThat(RequestCodec.read(in).prompt).isEqualTo("a?b");
    }

    @Test
    void everyEngineOptionArrives() throws ProtocolException {
        EngineOptions options = EngineOptions.builder()
                .replicas(2)
                .sequences(3)
                .contextSize(512)
                .batchSize(64)
                .queueCapacity(5)
                .readAhead(6)
                .samplingThreads(2)
                .deviceSampling(DeviceSampling.AUTO)
                .prefixCache(false)
                .multiTokenPrediction(3)
                .adapter("one", Path.of("one.gguf").toAbsolutePath())
                .adapter("two", Path.of("two.gguf").toAbsolutePath())
                .draftModel(Path.of("draft.gguf").toAbsolutePath())
                .aging(Duration.ofSeconds(9))
                .targetInterTokenLatency(Duration.ofMillis(40))
                .sessionMemory(1 << 20)
                .sessionFolder(Path.of("folder").toAbsolutePath())
                .context(context -> context.threads(1, 2))
                .build();
        FrameReader in = FrameFields.of(out -> EngineOptionsCodec.write(options, out));
        EngineOptions read = EngineOptionsCodec.read(in);
        in.end();
        Fields.assertSame(options, read, Set.of("context"));
        ContextOptions.Builder context = ContextOptions.builder();
        read.context.accept(context);
        assertThat(context.build())
                .usingRecursiveComparison()
                .isEqualTo(ContextOptions.builder().threads(1, 2).build());
    }

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new IllegalArgumentException("count is 0"),
                new IllegalStateException("closed"),
                new UnsupportedOperationException("no shift"),
                new IndexOutOfBoundsException("token is 9"),
                new CancellationException("cancelled"),
                new EngineBusyException(3, Duration.ofMillis(250)),
                new EngineClosedException(null),
                new ContextFullException("full"),
                new DecodeException(DecodeStatus.ABORTED, "aborted"),
                new SamplingException("no token"),
                new InvalidStateException("damaged"),
                new ModelLoadException("Cannot load", List.of("line one", "  line two\n")),
                new InsufficientMemoryException(
                        "too large",
                        new MemoryPlan(
                                List.of(
                                        new MemoryUse("CUDA0", 1, 2, 3, 4, 5, 6),
                                        new MemoryUse("host", 7, 8, 9, 10, 11, 12)),
                                13,
                                14,
                                1)),
                new NativeLibraryException("missing"),
                new LlamaException("otherwise"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureIsThrownAsWhatItWas(RuntimeException failure) throws ProtocolException {
        FrameReader in = FrameFields.of(out -> FailureCodec.write(failure, out));
        RuntimeException thrown = FailureCodec.read(in);
        in.end();
        assertThat(thrown).hasSameClassAs(failure).hasMessage(failure.getMessage());
        if (failure instanceof EngineBusyException busy) {
            assertThat(((EngineBusyException) thrown).retryAfter()).isEqualTo(busy.retryAfter());
        }
        if (failure instanceof InsufficientMemoryException memory) {
            assertThat(((InsufficientMemoryException) thrown).plan()).isEqualTo(memory.plan());
        }
        if (failure instanceof DecodeException decode) {
            assertThat(((DecodeException) thrown).status()).isEqualTo(decode.status());
        }
        if (failure instanceof ModelLoadException load) {
            assertThat(((ModelLoadException) thrown).nativeLog()).isEqualTo(load.nativeLog());
        }
    }

    @Test
    void whatIsWrongWithAFileArrives() throws ProtocolException {
        InvalidGgufException cause = new InvalidGgufException("alignment is 3", 24, "general.alignment");
        ModelLoadException failure = new ModelLoadException("Cannot load m.gguf: " + cause.getMessage(), List.of());
        failure.initCause(cause);
        RuntimeException thrown = FailureCodec.read(FrameFields.of(out -> FailureCodec.write(failure, out)));
        assertThat(thrown).isInstanceOf(ModelLoadException.class).hasMessage(failure.getMessage());
        InvalidGgufException invalid = (InvalidGgufException) thrown.getCause();
        assertThat(invalid).hasMessage(cause.getMessage());
        assertThat(invalid.byteOffset()).isEqualTo(24);
        assertThat(invalid.key()).isEqualTo("general.alignment");
    }

    @Test
    void aFailureOfAnotherKindSaysWhichOne() throws ProtocolException {
        RuntimeException thrown =
                FailureCodec.read(FrameFields.of(out -> FailureCodec.write(new ArithmeticException("by zero"), out)));
        assertThat(thrown)
                .isExactlyInstanceOf(LlamaException.class)
                .hasMessageContaining("ArithmeticException: by zero");
    }

    static CompletionResult result() {
        return new CompletionResult(
                "text",
                List.of(1, 2),
                List.of(),
                FinishReason.STOP,
                Optional.of("stop"),
                new Usage(1, 2, 3, 4, 5),
                new Timings(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        List.of(Duration.ofNanos(7)),
                        Duration.ofMillis(4)));
    }

    @Test
    void chunksAndEndsArrive() throws ProtocolException {
        TokenLogprob logprob = new TokenLogprob(
                5, -0.5, List.of(new TokenLogprob.Alternative(5, -0.5), new TokenLogprob.Alternative(6, -2)));
        GenerationChunk chunk = new GenerationChunk("ä", OptionalInt.of(5), Optional.of(logprob));
        assertThat(ChunkCodec.read(FrameFields.of(out -> ChunkCodec.write(chunk, out))))
                .isEqualTo(chunk);
        GenerationChunk last = new GenerationChunk("rest", OptionalInt.empty(), Optional.empty());
        assertThat(ChunkCodec.read(FrameFields.of(out -> ChunkCodec.write(last, out))))
                .isEqualTo(last);

        CompletionResult result = result();
        ChunkCodec.End end = ChunkCodec.readEnd(FrameFields.of(out -> ChunkCodec.write(result, out)));
        assertThat(end).isEqualTo(new ChunkCodec.End(FinishReason.STOP, "stop", result.usage(), result.timings()));
    }

    @Test
    void aConversationArrivesByWhatHasChangedOfIt() throws ProtocolException {
        int[] before = {1, 2, 3, 4};
        for (int[] after : List.of(
                new int[] {1, 2, 3, 4, 5}, new int[] {1, 2}, new int[] {1, 9, 3, 4}, new int[0], before.clone())) {
            FrameReader in = FrameFields.of(out -> SessionSync.write(before, after, out));
            assertThat(SessionSync.read(in).apply(before)).isEqualTo(after);
        }
        SessionSync longer = SessionSync.read(FrameFields.of(out -> SessionSync.write(before, before, out)));
        assertThatThrownBy(() -> longer.apply(new int[] {1})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsNoFrameIsRefused() {
        FrameReader stage = FrameFields.of(out -> out.putInt(1).putInt(99));
        assertThatThrownBy(() -> StageCodec.read(stage)).isInstanceOf(ProtocolException.class);
        FrameReader failure = FrameFields.of(out -> out.putInt(99));
        assertThatThrownBy(() -> FailureCodec.read(failure)).isInstanceOf(ProtocolException.class);
        FrameReader nested = FrameFields.of(out -> out.putInt(1)
                .putInt(19) // a reply grammar in a reply grammar
                .putInt(19)
                .putString("")
                .putString(""));
        assertThatThrownBy(() -> StageCodec.read(nested)).isInstanceOf(ProtocolException.class);
        FrameReader ended = FrameReader.of(new byte[] {1});
        assertThatThrownBy(() -> RequestCodec.read(ended)).isInstanceOf(ProtocolException.class);
    }
}
