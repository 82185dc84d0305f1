package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.util.List;
import java.util.stream.IntStream;

/** What is said in sessions, and what comes of it in an engine that has computed nothing of them. */
final class Turns {
    private final LlamaModel model;
    private final List<Question> questions;

    Turns(LlamaModel model) {
        this.model = model;
        questions = EngineFixture.questions(model);
    }

    CompletionRequest turn(int i) {
        return greedy(questions.get(i % questions.size())).build();
    }

    /** What is generated after a conversation, by an engine that has computed nothing of it. */
    List<Integer> reference(int[] conversation, CompletionRequest next) throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(
                model, options().sequences(1).contextSize(4096).build())) {
            return continuation(engine, conversation, next);
        }
    }

    List<Integer> continuation(LlamaEngine engine, int[] conversation, CompletionRequest next) throws Exception {
        int[] added = model.tokenizer().encode(next.prompt, conversation.length == 0, true);
        int[] prompt = IntStream.concat(IntStream.of(conversation), IntStream.of(added))
                .toArray();
        CompletionRequest request = CompletionRequest.builder(prompt)
                .sampling(next.sampling)
                .maxTokens(next.maxTokens)
                .build();
        return get(engine.generate(request).result()).tokens();
    }
}
