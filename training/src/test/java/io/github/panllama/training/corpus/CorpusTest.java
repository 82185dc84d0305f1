package io.github.panllama.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorpusTest {
    private static final int MANY = 100_000;
    private static final int LONGEST = 2600;
    private static final int HELD_OUT = 250;
    private static final Pattern EQUATION = Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (-?\\d+)");

    @Test
    void trainingHasNoHeldOutInstanceInAnyTurn() {
        training(conversation ->
                assertThat(conversation.keys()).as(conversation::toString).noneMatch(HeldOut::contains));
    }

    @Test
    void trainingHasNoHeldOutCalculationInAnyText() {
        training(conversation -> texts(conversation)
                .flatMap(CorpusTest::equations)
                .forEach(equation -> assertThat(HeldOut.contains(keyOf(equation)))
                        .as(conversation::toString)
                        .isFalse()));
    }

    @Test
    void trainingHasNoHeldOutQuestionInAnyTurn() {
        Set<String> heldOut = new HashSet<>();
        for (Skill skill : List.of(Skill.FACT, Skill.SMALL_TALK, Skill.JSON)) {
            Corpus.of(3).heldOut(skill, HELD_OUT).stream()
                    .filter(conversation -> conversation.key().startsWith("said "))
                    .forEach(conversation ->
                            heldOut.add(conversation.messages().getLast().content()));
        }
        assertThat(heldOut).hasSizeGreaterThan(2 * HELD_OUT);
        training(conversation -> assertThat(conversation.messages())
                .as(conversation::toString)
                .noneMatch(message -> message.role() == Role.USER && heldOut.contains(message.content())));
    }

    @Test
    void everyEquationIsRight() {
        training(conversation -> texts(conversation)
                .flatMap(CorpusTest::equations)
                .forEach(equation -> {
                    long left = Long.parseLong(equation.group(1));
                    long right = Long.parseLong(equation.group(3));
                    long result = Long.parseLong(equation.group(4));
                    switch (equation.group(2)) {
                        case "+" -> assertThat(result).isEqualTo(left + right);
                        case "-" -> assertThat(result).isEqualTo(left - right);
                        case "*" -> assertThat(result).isEqualTo(left * right);
                        default -> assertThat(result * right).isEqualTo(left);
                    }
                }));
    }

    @Test
    void aToolIsCalledOnlyWhereItIsOffered() {
        training(conversation -> {
            boolean called = !conversation.reply().toolCalls().isEmpty()
                    || conversation.messages().stream()
                            .anyMatch(message -> !message.toolCalls().isEmpty());
            boolean refused = conversation.reply().content().contains("need the calculator");
            assertThat((called && !conversation.tools()) || (refused && conversation.tools()))
                    .as(conversation::toString)
                    .isFalse();
        });
    }

    @Test
    void theMixtureIsTheOneThatWasAskedFor() {
        Map<Skill, Integer> counts = new EnumMap<>(Skill.class);
        training(conversation -> counts.merge(conversation.skill(), 1, Integer::sum));
        assertThat(counts).hasSize(Skill.values().length);
        assertThat(counts.get(Skill.ARITHMETIC_DIRECT)).isBetween(27_500, 28_500);
        assertThat(counts.get(Skill.TOOL_RESULT)).isBetween(2_700, 3_200);
        Corpus recallOnly = Corpus.of(1, Map.of(Skill.RECALL, 1));
        var random = new SplittableRandom(1);
        assertThat(Stream.generate(() -> recallOnly.next(random)).limit(1000))
                .allMatch(conversation -> conversation.skill() == Skill.RECALL);
        assertThatThrownBy(() -> Corpus.of(1, Map.of(Skill.FACT, 0))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSameSeedGivesTheSameConversations() {
        assertThat(first(7)).isEqualTo(first(7)).isNotEqualTo(first(8));
        for (Skill skill : Skill.values()) {
            List<Conversation> all = Corpus.of(5).heldOut(skill, HELD_OUT);
            assertThat(Corpus.of(5).heldOut(skill, 20)).isEqualTo(all.subList(0, 20));
            assertThat(Corpus.of(6).heldOut(skill, 20)).isNotEqualTo(all.subList(0, 20));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everySkillHasEnoughHeldOutInstances(Skill skill) {
        List<Conversation> conversations = Corpus.of(1).heldOut(skill, HELD_OUT);
        assertThat(conversations).hasSize(HELD_OUT);
        assertThat(conversations).extracting(Conversation::skill).containsOnly(skill);
        assertThat(conversations).extracting(Conversation::key).doesNotHaveDuplicates();
        assertThat(conversations).extracting(Conversation::key).allMatch(HeldOut::contains);
        assertThat(conversations)
                .allSatisfy(conversation -> assertThat(conversation
                                .keys()
                                .subList(0, conversation.keys().size() - 1))
                        .noneMatch(HeldOut::contains));
    }

    @Test
    void moreThanThereAreIsRefused() {
        assertThatThrownBy(() -> Corpus.of(1).heldOut(Skill.FACT, 1_000_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FACT");
    }

    @Test
    void oneQuestionHasOneAnswer() {
        Map<String, String> answers = new HashMap<>();
        training(conversation -> {
            if (conversation.key().startsWith("said ") && conversation.skill() != Skill.JSON) {
                String answer = conversation.reply().content();
                assertThat(answers.merge(conversation.key().toLowerCase(Locale.ROOT), answer, (old, again) -> old))
                        .as(conversation.key())
                        .isEqualTo(answer);
            }
        });
        assertThat(answers).hasSizeGreaterThan(5000);
    }

    @Test
    void documentsKeepTheirLimitAndShapes() {
        training(conversation -> {
            String answer = ChatFormat.answer(conversation);
            assertThat(ChatFormat.prompt(conversation).length() + answer.length())
                    .isLessThanOrEqualTo(LONGEST);
            if (conversation.skill() == Skill.JSON) {
                assertThat(conversation.reply().content()).matches("\\{\"answer\": (-?\\d+|null|\"[^\"\\\\]+\")}");
            }
            assertThat(answer).doesNotContain("{v}", "{l}", "{a}", "{n}", "{}", "[", "|");
            assertThat(conversation.messages().getLast().content()).doesNotContain("{", "}", "[", "|", "  ");
        });
    }

    private static List<Conversation> first(long seed) {
        var random = new SplittableRandom(seed);
        Corpus corpus = Corpus.of(1);
        return Stream.generate(() -> corpus.next(random)).limit(500).toList();
    }

    private static void training(Consumer<Conversation> check) {
        var random = new SplittableRandom(11);
        Corpus corpus = Corpus.of(1);
        for (int i = 0; i < MANY; i++) {
            check.accept(corpus.next(random));
        }
    }

    /** What the assistant says in all turns. */
    private static Stream<String> texts(Conversation conversation) {
        Stream<String> earlier = conversation.messages().stream()
                .filter(message -> message.role() == Role.ASSISTANT)
                .map(Message::content);
        return Stream.concat(earlier, Stream.of(conversation.reply().content()));
    }

    private static Stream<MatchResult> equations(String text) {
        return EQUATION.matcher(text).results();
    }

    private static String keyOf(MatchResult equation) {
        int[] operands = {Integer.parseInt(equation.group(1)), Integer.parseInt(equation.group(3))};
        Arrays.sort(operands);
        return equation.group(2) + " " + operands[0] + " " + operands[1];
    }
}
