package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextGeneratorTest {
    private LlamaModel model;
    private TextGenerator generator;

    @BeforeEach
    void open() {
        model = TestModels.llama();
        generator =
                TextGenerator.of(model, TestModels.context(256).batchSize(32).build());
    }

    @AfterEach
    void close() {
        generator.close();
        model.close();
    }

    private static GenerationRequest.Builder greedy(int... prompt) {
        return GenerationRequest.builder(prompt).sampling(SamplingOptions.greedy());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void itGeneratesWhatTheLoopByHandGenerates(Architecture architecture) {
        int[] prompt = TestModels.prompt(80, 5); // more than a batch
        try (LlamaModel other = TestModels.load(architecture);
                LlamaContext context =
                        other.newContext(TestModels.context(256).batchSize(32).build());
                Batch batch = context.newBatch();
                TextGenerator text = TextGenerator.of(
                        other, TestModels.context(256).batchSize(32).build())) {
            for (int from = 0; from < 64; from += 32) {
                batch.clear();
                batch.addAll(prompt, from, from + 32, from, 0, false);
                context.decode(batch);
            }
            int[] rest = Arrays.copyOfRange(prompt, 64, 80);
            int[] expected = TestModels.greedy(context, 0, 64, rest, 20);
            for (int round = 0; round < 2; round++) { // each starts afresh
                GenerationResult result =
                        text.generate(greedy(prompt).maxTokens(20).build());
                assertThat(result.tokens())
                        .containsExactlyElementsOf(
                                Arrays.stream(expected).boxed().toList());
                assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
                assertThat(result.promptTokens()).isEqualTo(80);
                assertThat(result.text()).isEqualTo(other.tokenizer().decode(expected));
                assertThat(result.timeToFirstToken()).isPositive().isLessThan(result.duration());
                assertThat(result.tokensPerSecond()).isPositive();
            }
        }
    }

    @Test
    void listenersGetEveryTokenAndTheWholeText() {
        List<Integer> tokens = new ArrayList<>();
        List<String> pieces = new ArrayList<>();
        GenerationResult result = generator.generate(GenerationRequest.builder("Hello, you")
                .maxTokens(40)
                .sampling(SamplingOptions.builder().temperature(1.5f).seed(3).build())
                .onToken(tokens::add)
                .onText(pieces::add)
                .build());
        assertThat(tokens).isEqualTo(result.tokens());
        assertThat(pieces).doesNotContain("");
        assertThat(String.join("", pieces)).isEqualTo(result.text());
    }

    @Test
    void aGrammarThatIsDoneEndsTheText() {
        GenerationResult result = generator.generate(GenerationRequest.builder("Is it?")
                .sampling(SamplingOptions.builder()
                        .grammar("root ::= \"yes\" | \"no\"")
                        .seed(1)
                        .build())
                .build());
        assertThat(result.text()).isIn("yes", "no");
        assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void itEndsWhereTheContextIsFull() {
        int room = generator.context().sequenceContextSize();
        GenerationResult result = generator.generate(
                greedy(TestModels.prompt(room - 5, 1)).maxTokens(1000).build());
        assertThat(result.tokens()).hasSize(6);
        assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(generator
                        .generate(greedy(TestModels.prompt(room, 1)).build())
                        .tokens())
                .hasSize(1);
        assertThatThrownBy(() -> generator.generate(
                        greedy(TestModels.prompt(room + 1, 1)).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to " + room);
        assertThatThrownBy(() -> generator.generate(greedy().build())).isInstanceOf(IllegalArgumentException.class);
        assertThat(generator.generate(greedy(1).maxTokens(0).build()).tokens()).isEmpty();
    }

    @Test
    void aGenerationCanBeCancelledFromItsOwnListener() {
        GenerationRequest request = greedy(1, 2, 3)
                .onToken(token -> generator.cancel())
                .maxTokens(50)
                .build();
        assertThatThrownBy(() -> generator.generate(request))
                .isInstanceOfSatisfying(
                        DecodeException.class, e -> assertThat(e.status()).isEqualTo(DecodeStatus.ABORTED));
        assertThat(generator.generate(greedy(1, 2, 3).maxTokens(5).build()).tokens())
                .hasSize(5);
    }

    @Test
    void whatAListenerThrowsEndsTheGenerationAndTheNextOneWorks() {
        GenerationRequest request = greedy(1, 2, 3)
                .onText(text -> {
                    throw new IllegalCallerException("mine");
                })
                .build();
        assertThatThrownBy(() -> generator.generate(request)).isInstanceOf(IllegalCallerException.class);
        assertThat(generator.generate(greedy(1, 2, 3).maxTokens(5).build()).tokens())
                .hasSize(5);
    }

    @Test
    void theLibraryTellsWhatItIs() {
        assertThat(Llama.release()).isEqualTo("0.5.0");
        assertThat(Llama.version()).startsWith(Llama.release());
        assertThat(Llama.maxSequences()).isEqualTo(256);
        assertThat(Llama.platform()).contains("-");
        assertThat(Llama.systemInfo()).contains("CPU");
        assertThat(Llama.libraries().stream().map(Llama.NativeLibrary::name).collect(Collectors.joining(" ")))
                .contains("llama", "ggml", "panllama");
        Device cpu = Device.all().stream()
                .filter(device -> device.type() == DeviceType.CPU)
                .findFirst()
                .orElseThrow();
        assertThat(cpu.totalMemory()).isPositive();
        assertThat(cpu.freeMemory()).isBetween(0L, cpu.totalMemory());
        assertThat(cpu.backend()).isEqualTo("CPU");
        if (Device.gpus().isEmpty()) {
            assertThatThrownBy(Device::requireGpu)
                    .isInstanceOf(NativeLibraryException.class)
                    .hasMessageContaining("A GPU is required");
        }
    }
}
