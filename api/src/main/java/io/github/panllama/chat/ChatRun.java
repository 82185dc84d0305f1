package io.github.panllama.chat;

import io.github.panllama.ContextFullException;
import io.github.panllama.FinishReason;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineBusyException;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A turn that is on its way: replies, and the tools between them.
 *
 * <p><b>Threads.</b> {@link #begin} is called by whoever asks; then it is a thread's work.
 */
final class ChatRun implements Runnable {
    private final ChatContext context;
    private final ChatHistory.Snapshot before;
    private final ChatOptions options;
    private final ToolRunner tools;
    private final Runnable whenEnded;
    private final ChatTurn turn = new ChatTurn();
    private final List<ChatRound> rounds = new ArrayList<>();
    private final long deadline;
    private @Nullable Submitted next;

    /**
     * A turn.
     *
     * @param before the conversation as it is when the turn fails
     * @param whenEnded called before anybody is told of the end
     */
    ChatRun(ChatContext context, ChatHistory.Snapshot before, ChatOptions options, Runnable whenEnded) {
        this.context = context;
        this.before = before;
        this.options = options;
        this.tools = new ToolRunner(options.tools);
        this.whenEnded = whenEnded;
        this.deadline = System.nanoTime() + options.limit().toNanos();
    }

    /** A reply that is being generated. */
    private record Submitted(ReplyReader reader, Generation generation) {}

    /** What came of one reply; {@code finish} is null where another one follows. */
    private record Step(ChatRound round, @Nullable ChatFinish finish) {}

    /** Submits the first reply, and throws what is wrong with it. */
    ChatTurn begin() {
        next = submit(true);
        return turn;
    }

    @Override
    public void run() {
        ChatResult result;
        try {
            result = new ChatResult(rounds(), List.copyOf(rounds));
        } catch (Throwable e) { // a callback can throw what it does not declare, and somebody waits
            context.history().restore(before);
            whenEnded.run();
            turn.fail(e);
            return;
        }
        whenEnded.run();
        turn.complete(result);
    }

    private ChatFinish rounds() {
        while (true) {
            Step step = step(Objects.requireNonNull(next));
            rounds.add(step.round());
            if (step.finish() != null) {
                return step.finish();
            }
            if (turn.isCancelled()) {
                return ChatFinish.CANCELLED;
            }
            if (left().isNegative() || left().isZero()) {
                return ChatFinish.DEADLINE;
            }
            try {
                next = submit(false);
            } catch (ContextFullException e) {
                // Tools have acted: what they did stays, and the application can make room.
                return ChatFinish.CONTEXT_FULL;
            }
        }
    }

    private Duration left() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    private Submitted submit(boolean first) {
        PromptWindow.Fitted fitted = context.window().fit(context.history(), options.template(first), options);
        if (fitted.dropped() > 0) {
            turn.add(new ChatEvent.MessagesDropped(fitted.dropped()));
        }
        CompletionRequest request = request(fitted);
        Generation generation = first ? context.session().generate(request) : whenThereIsRoom(request);
        turn.stopsBy(generation::cancel);
        return new Submitted(new ReplyReader(fitted.prompt(), request.stopTexts(), turn), generation);
    }

    /** Tools have acted by now: what they did is not to be lost because many others wait. */
    private Generation whenThereIsRoom(CompletionRequest request) {
        while (true) {
            try {
                return context.session().generate(request);
            } catch (EngineBusyException e) {
                if (turn.isCancelled() || left().compareTo(e.retryAfter()) <= 0) {
                    throw e;
                }
                LockSupport.parkNanos(e.retryAfter().toNanos());
            }
        }
    }

    /** A request for the tokens that the session does not have yet. */
    private CompletionRequest request(PromptWindow.Fitted fitted) {
        Session session = context.session();
        int[] tokens = fitted.tokens();
        int same = Arrays.mismatch(session.tokens(), tokens);
        int kept = same < 0 ? tokens.length : same;
        session.rewind(kept);
        CompletionRequest.Builder request = CompletionRequest.builder(Arrays.copyOfRange(tokens, kept, tokens.length));
        options.request.accept(request);
        for (String stop : fitted.prompt().stops()) {
            int[] encoded = context.template().encode(stop, false, true);
            if (encoded.length == 1) {
                request.stopTokens(encoded);
            }
            request.stop(stop);
        }
        return request.sampling(sampling(fitted.prompt()))
                .maxTokens(Math.min(options.maxTokens, context.room() - tokens.length))
                .timeout(left().isPositive() ? left() : Duration.ofNanos(1))
                .build();
    }

    private SamplingOptions sampling(ChatPrompt prompt) {
        String answer = options.answerGrammar();
        Optional<SamplerStage.ReplyGrammar> grammar =
                answer == null ? prompt.replyGrammar() : Optional.of(prompt.answerGrammar(answer));
        // Also where the template has been told: many know no such choice, and the model may reason all the same.
        OptionalInt budget = options.reasoning.enabled() ? options.reasoning.budget() : OptionalInt.of(0);
        Optional<SamplerStage.ReasoningBudget> limit =
                budget.isPresent() ? prompt.reasoningBudget(budget.getAsInt()) : Optional.empty();
        SamplingOptions sampling = options.sampling;
        // What ends reasoning comes first: it leaves one token, which the grammar has to see.
        for (SamplerStage stage :
                Stream.concat(grammar.stream(), limit.stream()).toList()) {
            sampling = sampling.startingWith(stage);
        }
        return sampling;
    }

    private Step step(Submitted submitted) {
        CompletionResult completion = read(submitted);
        ChatReply reply =
                submitted.reader().finish(completion, context.history().toolCalls());
        store(submitted, reply);
        if (reply.toolCalls().isEmpty()) {
            return new Step(round(reply, completion, List.of()), finish(completion));
        }
        if (!options.runsTools() || reply.toolCalls().stream().anyMatch(this::isTheApplications)) {
            return new Step(round(reply, completion, List.of()), ChatFinish.TOOL_CALLS);
        }
        ToolRunner.Outcome outcome = callTools(reply.toolCalls());
        outcome.results().forEach(turn::add);
        List<ChatMessage> messages = outcome.results().stream()
                .map(result -> ChatMessage.toolResult(result.call(), result.result()))
                .toList();
        context.history().add(messages);
        return new Step(round(reply, completion, messages), outcome.ended());
    }

    /** A reply that has gone on with a message takes its place. */
    private void store(Submitted submitted, ChatReply reply) {
        ChatHistory history = context.history();
        if (submitted.reader().isContinuation()) {
            history.keep(history.messages().size() - 1);
        }
        history.add(List.of(reply.toMessage()));
    }

    private static CompletionResult read(Submitted submitted) {
        try {
            submitted.reader().read(submitted.generation());
            return submitted.generation().await();
        } catch (RuntimeException | Error e) {
            // The session is to be free when the turn ends.
            submitted.generation().cancel();
            submitted.generation().result().handle((result, failure) -> true).join();
            throw e;
        }
    }

    private ToolRunner.Outcome callTools(List<ToolCall> calls) {
        return rounds.size() == options.toolRounds
                ? new ToolRunner.Outcome(
                        ToolRunner.refuse(calls, "not called, for tools were called as often as they may be"),
                        ChatFinish.TOOL_ROUNDS)
                : tools.run(calls, left(), turn);
    }

    private boolean isTheApplications(ToolCall call) {
        return options.declaredTools.stream().anyMatch(tool -> tool.name().equals(call.name()));
    }

    private ChatFinish finish(CompletionResult completion) {
        return switch (completion.finishReason()) {
            case STOP -> ChatFinish.STOP;
            case LENGTH ->
                completion.usage().generatedTokens() < options.maxTokens ? ChatFinish.CONTEXT_FULL : ChatFinish.LENGTH;
            case CANCELLED -> ChatFinish.CANCELLED;
            case DEADLINE -> ChatFinish.DEADLINE;
        };
    }

    private static ChatRound round(ChatReply reply, CompletionResult completion, List<ChatMessage> toolResults) {
        FinishReason reason = completion.finishReason();
        return new ChatRound(
                reply, reason, completion.usage(), completion.timings(), toolResults, completion.logprobs());
    }
}
