package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatReply;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ReplyStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The command over a random model, whose answers mean nothing and are always the same. */
class ChatCommandTest {
    private static final String[] GREEDY = {
        "chat", "--model", TestModels.llama().toString(), "--temperature", "0", "--max-tokens", "12"
    };

    private static String[] with(String... more) {
        List<String> all = new ArrayList<>(List.of(GREEDY));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** The reply that a fresh context gives to the whole conversation. */
    private static ChatReply fresh(ChatMessage... conversation) {
        try (LlamaModel model = LlamaModel.load(TestModels.llama());
                TextGenerator generator = TextGenerator.of(model)) {
            ChatPrompt prompt = ChatTemplate.of(model).render(List.of(conversation));
            ReplyStream stream = prompt.newReplyStream();
            generator
                    .generate(GenerationRequest.builder(prompt.tokens())
                            .maxTokens(12)
                            .sampling(SamplingOptions.greedy())
                            .build())
                    .tokens()
                    .forEach(stream::append);
            stream.finish();
            return stream.reply();
        }
    }

    @Test
    void theAnswerGoesToStandardOutputAndNothingElseDoes() {
        ChatReply expected = fresh(ChatMessage.system("Be kind."), ChatMessage.user("Hi é😀"));
        CommandRun run = CommandRun.of(with("--system", "Be kind.", "--message", "Hi é😀"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(expected.content() + "\n");
    }

    @Test
    void jsonHasTheDocumentedFields() {
        ChatReply expected = fresh(ChatMessage.user("Hi"));
        Map<String, Object> json = JsonReader.readObject(
                CommandRun.of(with("--json", "--message", "Hi")).out());
        assertThat(json)
                .containsOnlyKeys(
                        "reasoning",
                        "content",
                        "tool_calls",
                        "finish_reason",
                        "counts",
                        "timings",
                        "model",
                        "synthetic")
                .containsEntry("reasoning", expected.reasoning())
                .containsEntry("content", expected.content())
                .containsEntry("tool_calls", List.of())
                .containsEntry("finish_reason", "length")
                .containsEntry("model", TestModels.llama().toString())
                .containsEntry("synthetic", false);
        assertThat(json.get("counts"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("prompt_tokens", "reused_tokens", "generated_tokens")
                .containsEntry("reused_tokens", 0L)
                .containsEntry("generated_tokens", 12L);
        assertThat(json.get("timings"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("load_ms", "time_to_first_token_ms", "duration_ms", "tokens_per_second");
    }

    @Test
    void eachLineIsATurnThatEvaluatesWhatIsNewAndAnswersAsAFreshContextWould() {
        List<Map<String, Object>> turns =
                turns(CommandRun.withInput("What is this?\nAnd that?\n\nAnd those?\n", with("--json")));
        assertThat(turns).hasSize(3);
        ChatReply first = fresh(ChatMessage.user("What is this?"));
        assertThat(turns.get(0)).containsEntry("content", first.content());
        ChatReply second = fresh(ChatMessage.user("What is this?"), first.toMessage(), ChatMessage.user("And that?"));
        assertThat(turns.get(1)).containsEntry("content", second.content());
        ChatReply third = fresh(
                ChatMessage.user("What is this?"),
                first.toMessage(),
                ChatMessage.user("And that?"),
                second.toMessage(),
                ChatMessage.user("And those?"));
        assertThat(turns.get(2)).containsEntry("content", third.content());
        for (int turn = 1; turn < 3; turn++) {
            // All of the question before, at least; not all of the conversation.
            assertThat(count(turns, turn, "reused_tokens"))
                    .isGreaterThanOrEqualTo(count(turns, turn - 1, "prompt_tokens") - 1)
                    .isLessThan(count(turns, turn, "prompt_tokens"));
        }
    }

    @Test
    void clearBeginsAnewWithTheSystemsWords() {
        List<Map<String, Object>> turns = turns(CommandRun.withInput(
                "Hi\nWho?\n/clear\nHi\n/exit\nnever asked\n", with("--json", "--system", "Be kind.")));
        assertThat(turns).hasSize(3);
        assertThat(turns.get(2).get("content")).isEqualTo(turns.get(0).get("content"));
        assertThat(count(turns, 2, "prompt_tokens")).isEqualTo(count(turns, 0, "prompt_tokens"));
    }

    @Test
    void whatIsNoCommandIsSaidAndTwoSlashesAreAQuestion() {
        CommandRun run = CommandRun.withInput("/nonsense\n/help\n//slash\n", with("--json"));
        assertThat(run.err()).contains("no command /nonsense").contains("/clear");
        assertThat(turns(run)).hasSize(1);
        assertThat(turns(run).getFirst())
                .containsEntry("content", fresh(ChatMessage.user("/slash")).content());
    }

    @Test
    void aConversationThatIsTooLongIsSaidAndGoesOn() {
        CommandRun run = CommandRun.withInput("word ".repeat(400) + "\nHi\n", with("--json", "--context", "256"));
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("context is full").contains("256").contains("/clear");
        assertThat(turns(run)).hasSize(1);
        CommandRun once = CommandRun.of(with("--context", "256", "--message", "word ".repeat(400)));
        assertThat(once.exitCode()).isEqualTo(1);
        assertThat(once.err().lines()).singleElement().asString().contains("context is full");
    }

    @Test
    void anAnswerEndsWhereTheContextDoes() {
        String[] command = {
            "chat", "--model", TestModels.llama().toString(), "--temperature", "0", "--context", "256", "--json"
        };
        Map<String, Object> turn = turns(CommandRun.withInput("Hi\n", command)).getFirst();
        assertThat(turn).containsEntry("finish_reason", "length");
        assertThat(count(List.of(turn), 0, "prompt_tokens") + count(List.of(turn), 0, "generated_tokens"))
                .isEqualTo(256);
    }

    private static List<Map<String, Object>> turns(CommandRun run) {
        return run.out().lines().map(JsonReader::readObject).toList();
    }

    private static long count(List<Map<String, Object>> turns, int turn, String name) {
        return (Long) ((Map<?, ?>) turns.get(turn).get("counts")).get(name);
    }
}
