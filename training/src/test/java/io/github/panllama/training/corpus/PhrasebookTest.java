package io.github.panllama.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PhrasebookTest {
    @Test
    void everyFactHasAShortAnswerAndManyQuestions() {
        assertThat(Facts.BOOK.entries()).hasSizeGreaterThanOrEqualTo(40).allSatisfy(entry -> {
            assertThat(entry.answer()).hasSizeLessThanOrEqualTo(90).endsWith(".");
            assertThat(entry.questions()).hasSizeGreaterThanOrEqualTo(8);
            assertThat(entry.questions()).allMatch(question -> question.endsWith("?") || question.endsWith("."));
        });
    }

    @Test
    void noQuestionBelongsToTwoAnswers() {
        for (String resource : new String[] {"facts.txt", "small-talk.txt"}) {
            Set<String> seen = new HashSet<>();
            Phrasebook.read(resource)
                    .entries()
                    .forEach(entry -> entry.questions()
                            .forEach(question -> assertThat(seen.add(question.toLowerCase(Locale.ROOT)))
                                    .as(resource + ": " + question)
                                    .isTrue()));
        }
    }

    @Test
    void thereAreThousandsOfWordings() {
        var random = new SplittableRandom(1);
        Set<String> facts = new HashSet<>();
        Set<String> talk = new HashSet<>();
        for (int i = 0; i < 50_000; i++) {
            facts.add(Facts.draw(random, Split.TRAINING).question());
            talk.add(SmallTalk.draw(random, Split.TRAINING).question());
        }
        assertThat(facts).hasSizeGreaterThan(3000);
        assertThat(talk).hasSizeGreaterThan(2000);
    }

    @Test
    void aLeadKeepsNamesAndSentencesAsTheyAre() {
        assertThat(Wording.led("Okay, ", "What is GGUF?")).isEqualTo("Okay, what is GGUF?");
        assertThat(Wording.led("Thanks. ", "What is GGUF?")).isEqualTo("Thanks. What is GGUF?");
        assertThat(Wording.lowerFirst("I need 1 + 2.")).isEqualTo("I need 1 + 2.");
        assertThat(Wording.withoutStop("1 + 2 = ?")).isEqualTo("1 + 2 =");
    }
}
