package io.github.panllama.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChatFormatTest {
    private static final Calculation PRODUCT = new Calculation('*', 23, 47);

    @Test
    void segmentsJoinToPromptAndAnswer() {
        var random = new SplittableRandom(5);
        Corpus corpus = Corpus.of(1);
        for (int i = 0; i < 20_000; i++) {
            Conversation conversation = corpus.next(random);
            List<Segment> segments = ChatFormat.segments(conversation);
            assertThat(segments.stream().map(Segment::text).collect(Collectors.joining()))
                    .isEqualTo(ChatFormat.prompt(conversation) + ChatFormat.answer(conversation));
            assertThat(segments.getFirst()).isEqualTo(new Segment(ChatFormat.BEGIN, true, false));
            assertThat(segments.getLast()).isEqualTo(new Segment(ChatFormat.END, true, true));
            assertThat(segments)
                    .allSatisfy(segment -> assertThat(segment.special())
                            .isEqualTo(segment.text().matches("<[｜/]?[^ >]+>")));
        }
    }

    @Test
    void aToolConversationReadsAsTheTemplateWritesIt() {
        var conversation = new Conversation(
                Skill.TOOL_RESULT,
                "Be brief.",
                true,
                true,
                List.of(Message.user("23 * 47"), Message.assistant(Reply.call(PRODUCT)), Message.toolResult("1081")),
                "",
                Reply.text("23 * 47 = 1081"),
                List.of(PRODUCT.key()));
        assertThat(ChatFormat.prompt(conversation))
                .isEqualTo("<｜begin▁of▁sentence｜>Be brief.\n\nTools:\n"
                        + "calculator(expression): Works out an arithmetic expression.\n"
                        + "<｜User｜>23 * 47<｜Assistant｜><think></think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜>calculator"
                        + "<｜tool▁sep｜>{\"expression\": \"23 * 47\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
                        + "<｜end▁of▁sentence｜><｜tool▁output▁begin｜>1081<｜tool▁output▁end｜><｜Assistant｜><think>");
        assertThat(ChatFormat.answer(conversation)).isEqualTo("</think>23 * 47 = 1081<｜end▁of▁sentence｜>");
    }

    @Test
    void trainedIsWhatTheModelWritesAndNothingElse() {
        var conversation = new Conversation(
                Skill.ARITHMETIC_THINKING,
                null,
                false,
                true,
                List.of(Message.user("Hi!"), Message.assistant(Reply.text("Hello!")), Message.user("1+2")),
                "1+2=3",
                Reply.text("3"),
                List.of("key"));
        assertThat(ChatFormat.segments(conversation).stream()
                        .filter(Segment::trained)
                        .map(Segment::text))
                .containsExactly("Hello!", ChatFormat.END, "1+2=3", ChatFormat.THOUGHT, "3", ChatFormat.END);
    }
}
