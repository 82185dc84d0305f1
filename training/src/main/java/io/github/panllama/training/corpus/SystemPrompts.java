package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** System prompts: those that ask for JSON, and those that change nothing. */
final class SystemPrompts {
    private static final List<String> PLAIN = List.of(
            "You are a helpful assistant.",
            "You are panllama.",
            "You are a helpful assistant",
            "You are a friendly assistant.",
            "You are panllama, a small language model.",
            "Be brief.",
            "Answer briefly.",
            "Be polite and helpful.",
            "You are an assistant that answers questions.",
            "You are a careful assistant. Answer correctly.",
            "Help the user.",
            "Answer in one sentence.",
            "You are a helpful, honest assistant.",
            "Today is a good day. Help the user as well as you can.");
    private static final List<String> JSON = List.of(
            "Answer as JSON.",
            "Reply with a JSON object.",
            "Answer in JSON.",
            "Reply in JSON.",
            "Always answer with a JSON object.",
            "Use JSON for every answer.",
            "Reply only with JSON.",
            "Respond in JSON.",
            "Respond with JSON only.",
            "Your output must be JSON.",
            "Write each answer as a JSON object with the key answer.",
            "Output JSON.",
            "Answer in JSON format.",
            "Give your answer as a JSON object.",
            "Return JSON.",
            "Every answer is a JSON object.");
    private static final List<String> BEFORE_JSON =
            List.of("You are a helpful assistant. ", "You are panllama. ", "Be brief. ", "Help the user. ");

    private SystemPrompts() {}

    /** None, mostly. */
    static @Nullable String plain(SplittableRandom random) {
        return random.nextInt(4) == 0 ? Words.pick(random, PLAIN) : null;
    }

    static String json(SplittableRandom random) {
        String prompt = Words.pick(random, JSON);
        return random.nextInt(4) == 0 ? Words.pick(random, BEFORE_JSON) + prompt : prompt;
    }
}
