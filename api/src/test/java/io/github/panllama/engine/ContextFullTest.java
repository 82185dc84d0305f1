package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.Batch;
import io.github.panllama.ContextFullException;
import io.github.panllama.ContextMemory;
import io.github.panllama.ContextOptions;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextFullTest {
    private static final int ROOM = 256;
    private static final int KEEP = 6;
    private static final int WANTED = 600;

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static EngineOptions room(boolean unified) {
        return options()
                .sequences(1)
                .contextSize(ROOM)
                .context(context -> EngineFixture.fixed(context).unifiedKvCache(unified))
                .build();
    }

    @Test
    void failingSaysWhatWasThere() {
        try (LlamaEngine engine = LlamaEngine.start(model, room(true))) {
            Generation generation = engine.generate(
                    endless(model, WANTED).contextFull(ContextFullPolicy.FAIL).build());
            assertThatThrownBy(() -> get(generation.result()))
                    .hasCauseInstanceOf(ContextFullException.class)
                    .hasMessageContaining("600 wanted");
            assertThat(engine.generate(endless(model, 8)
                                    .contextFull(ContextFullPolicy.FAIL)
                                    .build())
                            .await()
                            .finishReason())
                    .isEqualTo(FinishReason.LENGTH);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shiftingGoesOnAsALoopOverTheContextDoes(boolean unified) throws Exception {
        CompletionRequest request = shifting();
        try (LlamaEngine engine = LlamaEngine.start(model, room(unified))) {
            CompletionResult result = get(engine.generate(request).result());
            assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(result.tokens()).isEqualTo(expected(request));
            assertThat(get(engine.generate(request).result()))
                    .as("what was shifted serves nobody else")
                    .returns(0, again -> again.usage().cachedTokens())
                    .returns(result.tokens(), CompletionResult::tokens);
        }
    }

    private static CompletionRequest shifting() {
        return endless(model, WANTED)
                .contextFull(ContextFullPolicy.SHIFT)
                .keepTokens(KEEP)
                .build();
    }

    private static List<Integer> expected(CompletionRequest request) {
        List<Integer> tokens = new ArrayList<>();
        ContextOptions options = EngineFixture.fixed(ContextOptions.builder())
                .contextSize(ROOM)
                .unifiedKvCache(true)
                .build();
        try (LlamaContext context = model.newContext(options);
                Batch batch = context.newBatch();
                Sampler sampler = Sampler.of(model, request.sampling)) {
            int[] prompt = model.tokenizer().encode(request.prompt);
            batch.addAll(prompt, 0, prompt.length, 0, 0, true);
            int length = prompt.length;
            context.decode(batch);
            tokens.add(sampler.sample(context, prompt.length - 1));
            while (tokens.size() < WANTED) {
                if (length == ROOM) {
                    int half = (length - KEEP) / 2;
                    context.memory().remove(0, KEEP, KEEP + half);
                    context.memory().shift(0, KEEP + half, ContextMemory.END, -half);
                    length -= half;
                }
                batch.clear();
                batch.add(tokens.getLast(), length++, 0, true);
                context.decode(batch);
                tokens.add(sampler.sample(context, 0));
            }
        }
        return tokens;
    }

    /** Those that share a prompt's cells each get their own before they move them. */
    @Test
    void whoShiftsLeavesTheOthersAsTheyAre() throws Exception {
        EngineOptions options = options().sequences(4).contextSize(ROOM).build();
        List<Integer> alone = expected(shifting());
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionRequest request = shifting();
            List<Generation> generations = engine.generate(request, 3);
            for (Generation generation : generations) {
                assertThat(get(generation.result()).tokens()).isEqualTo(alone);
            }
        }
    }

    /** Guesses know what was forgotten. */
    @Test
    void whoSpeculatesShiftsToo() throws Exception {
        List<Integer> alone = expected(shifting());
        try (LlamaEngine engine = LlamaEngine.start(model, room(true))) {
            for (Speculation speculation : List.of(Speculation.ngram(), Speculation.draftModel(model, 4, 0))) {
                CompletionRequest request = endless(model, WANTED)
                        .contextFull(ContextFullPolicy.SHIFT)
                        .keepTokens(KEEP)
                        .speculation(speculation)
                        .build();
                assertThat(get(engine.generate(request).result()).tokens()).isEqualTo(alone);
            }
        }
    }

    /** The cells of the source are moved for nobody but the fork. */
    @Test
    void aForkThatShiftsLeavesItsSource() throws Exception {
        EngineOptions options = options().sequences(3).contextSize(ROOM).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session session = engine.openSession()) {
            get(session.generate(endless(model, 20).build()).result());
            int[] conversation = session.tokens();
            try (Session fork = session.fork()) {
                CompletionRequest more = endless(model, WANTED, "")
                        .contextFull(ContextFullPolicy.SHIFT)
                        .keepTokens(KEEP)
                        .build();
                assertThat(get(fork.generate(more).result()).tokens()).hasSize(WANTED);
            }
            List<Integer> next = get(session.generate(endless(model, 20, "").build())
                            .result())
                    .tokens();
            try (LlamaEngine anew = LlamaEngine.start(model, options)) {
                CompletionRequest whole = CompletionRequest.builder(conversation)
                        .maxTokens(20)
                        .sampling(shifting().sampling)
                        .build();
                assertThat(next).isEqualTo(get(anew.generate(whole).result()).tokens());
            }
        }
    }

    /** A reader that is always behind pauses its generation at each shift; the others do not notice. */
    @Test
    void aSlowReaderOfOneThatShiftsStopsNobody() throws Exception {
        EngineOptions options = options()
                .sequences(2)
                .contextSize(2 * ROOM)
                .readAhead(1)
                .context(context -> EngineFixture.fixed(context).unifiedKvCache(false))
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session session = engine.openSession()) {
            get(session.generate(endless(model, 4).build()).result());
            Generation slow = engine.generate(shifting());
            int read = 0;
            for (GenerationChunk _ : slow) {
                if (++read % 50 == 0) {
                    assertThat(get(session.generate(endless(model, 2, "").build())
                                            .result())
                                    .tokens())
                            .hasSize(2);
                }
            }
            assertThat(slow.await().tokens()).isEqualTo(expected(shifting()));
        }
    }

    @Test
    void aSessionGoesOnFromWhatIsLeft() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, room(true));
                Session session = engine.openSession()) {
            CompletionResult result = get(session.generate(shifting()).result());
            assertThat(session.length()).isLessThanOrEqualTo(ROOM + 1);
            int[] tokens = session.tokens();
            assertThat(tokens[tokens.length - 1]).isEqualTo(result.tokens().getLast());
            CompletionRequest more = CompletionRequest.builder(new int[0])
                    .maxTokens(5)
                    .contextFull(ContextFullPolicy.SHIFT)
                    .sampling(shifting().sampling)
                    .build();
            CompletionResult second = get(session.generate(more).result());
            assertThat(second.tokens()).hasSize(5);
            if (tokens.length <= ROOM) {
                assertThat(second.usage().cachedTokens()).isEqualTo(tokens.length - 1);
            }
            CompletionRequest longPrompt = EngineFixture.endless(model, 5, "Hello! ".repeat(ROOM))
                    .contextFull(ContextFullPolicy.SHIFT)
                    .build();
            assertThat(get(session.generate(longPrompt).result()).tokens()).hasSize(5);
            assertThat(session.length()).isLessThanOrEqualTo(ROOM);
        }
    }

    @Test
    void aMemoryThatCannotShiftIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(Architecture.MAMBA2).write(file);
        try (LlamaModel recurrent = LlamaModel.load(file);
                LlamaEngine engine = LlamaEngine.start(recurrent)) {
            CompletionRequest request = CompletionRequest.builder(new int[] {5, 6})
                    .contextFull(ContextFullPolicy.SHIFT)
                    .build();
            assertThatThrownBy(() -> engine.generate(request)).isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
