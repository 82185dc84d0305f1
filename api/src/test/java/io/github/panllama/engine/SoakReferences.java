package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TokenLogprob;
import io.github.panllama.evaluation.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What requests of many kinds get when nobody else asks: each in an empty context of one sequence. */
final class SoakReferences {
    static final int TURNS = 3;
    private static final int PLAIN = 30;
    private static final int CONVERSATIONS = 24;
    private static final int SHIFTING = 12;
    /** Tokens until those shift. */
    private static final int BEFORE = 40;

    private static final double NEARLY = 0.05;

    /**
     * What comes of a request.
     *
     * @param request without what does not change its tokens
     */
    record Expected(Supplier<CompletionRequest.Builder> request, List<Integer> tokens, String text) {}

    final List<Expected> plain = new ArrayList<>();
    final List<Expected> adapted = new ArrayList<>();
    final List<Expected> ruled = new ArrayList<>();
    final List<Expected> shifting = new ArrayList<>();
    /** Turns, each after those before it. */
    final List<List<Expected>> conversations = new ArrayList<>();

    private final List<Question> questions;

    /**
     * Computes them.
     *
     * @param room of a sequence: it tells when a generation shifts
     * @param shifts whether there are those that do
     */
    SoakReferences(LlamaModel model, LoraAdapter adapter, EngineOptions.Builder options, int room, boolean shifts)
            throws Exception {
        questions = EngineFixture.questions(model);
        EngineOptions alone =
                options.sequences(1).contextSize(room).prefixCache(false).build();
        try (LlamaEngine engine = LlamaEngine.start(model, alone)) {
            Set<Integer> digits =
                    Arrays.stream(model.tokenizer().encode("123456789")).boxed().collect(Collectors.toSet());
            for (int i = 0; i < PLAIN; i++) {
                Question question = questions.get(i);
                int number = i;
                add(plain, engine, () -> greedy(question));
                add(adapted, engine, () -> greedy(question).adapters(Map.of(adapter, 1f)));
                add(ruled, engine, () -> ruled(question, number), digits);
            }
            for (int i = 0; i < (shifts ? SHIFTING : 0); i++) {
                int[] prompt = model.tokenizer().encode(("Rule " + i + " is long. ").repeat(room));
                add(shifting, engine, () -> shifting(model, Arrays.copyOf(prompt, room - BEFORE)));
            }
            for (int i = 0; i < CONVERSATIONS; i++) {
                addConversation(engine, i);
            }
        }
    }

    private static CompletionRequest.Builder shifting(LlamaModel model, int[] prompt) {
        return CompletionRequest.builder(prompt)
                .sampling(endless(model, 1).build().sampling)
                .maxTokens(3 * BEFORE)
                .contextFull(ContextFullPolicy.SHIFT)
                .keepTokens(4);
    }

    private static CompletionRequest.Builder ruled(Question question, int i) {
        SamplingOptions sampling = SamplingOptions.builder()
                .temperature(0)
                .grammar("root ::= \"n" + i + "=\" [1-9] [1-9] [1-9]")
                .build();
        return CompletionRequest.builder(question.prompt().orElseThrow()).sampling(sampling);
    }

    private static void add(List<Expected> some, LlamaEngine engine, Supplier<CompletionRequest.Builder> request)
            throws Exception {
        add(some, engine, request, Set.of());
    }

    private static void add(
            List<Expected> some, LlamaEngine engine, Supplier<CompletionRequest.Builder> request, Set<Integer> choices)
            throws Exception {
        int alternatives = choices.isEmpty() ? 2 : 100;
        CompletionResult result = get(
                engine.generate(request.get().logprobs(alternatives).build()).result());
        CompletionRequest beyond = beyond(request.get(), result);
        if (isSure(result, choices) && isSure(get(engine.generate(beyond).result()), choices)) {
            some.add(new Expected(request, result.tokens(), result.text()));
        }
    }

    /** The same, and the token that ends it: that has to be sure too. */
    private static CompletionRequest beyond(CompletionRequest.Builder request, CompletionResult result) {
        boolean stopped = result.finishReason() == FinishReason.STOP;
        return request.logprobs(result.logprobs().getFirst().alternatives().size())
                .ignoreEndOfGeneration(stopped)
                .maxTokens(result.tokens().size() + (stopped ? 1 : 0))
                .build();
    }

    /**
     * Not where two tokens were nearly as likely: which of them comes depends on who is computed beside.
     *
     * @param choices the tokens that it can be; any where it is empty
     */
    private static boolean isSure(CompletionResult result, Set<Integer> choices) {
        return result.logprobs().stream().allMatch(chosen -> isSure(chosen, choices));
    }

    private static boolean isSure(TokenLogprob chosen, Set<Integer> choices) {
        // Those that are not told of are less likely than the last one that is.
        double last = chosen.alternatives().getLast().logprob();
        return chosen.logprob() - last > NEARLY
                && chosen.alternatives().stream()
                        .filter(other -> other.token() != chosen.token())
                        .filter(other -> choices.isEmpty() || choices.contains(other.token()))
                        .allMatch(other -> Math.abs(other.logprob() - chosen.logprob()) > NEARLY);
    }

    private void addConversation(LlamaEngine engine, int i) throws Exception {
        List<Expected> turns = new ArrayList<>();
        try (Session session = engine.openSession()) {
            for (int turn = 0; turn < TURNS; turn++) {
                Question question = questions.get((i + 7 * turn) % questions.size());
                int before = session.length();
                CompletionResult result = get(
                        session.generate(greedy(question).logprobs(2).build()).result());
                int length = session.length();
                session.rewind(before);
                CompletionResult longer =
                        get(session.generate(beyond(greedy(question), result)).result());
                // What the room has ended goes on where a sequence has more.
                boolean ends = result.finishReason() == FinishReason.STOP;
                if (!ends || !isSure(result, Set.of()) || !isSure(longer, Set.of())) {
                    return;
                }
                session.rewind(length);
                turns.add(new Expected(() -> greedy(question), result.tokens(), result.text()));
            }
        }
        conversations.add(turns);
    }
}
