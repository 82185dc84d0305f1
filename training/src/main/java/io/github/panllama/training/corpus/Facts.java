package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** Questions about panllama and its field, and a few about the world. */
final class Facts {
    static final Phrasebook BOOK = Phrasebook.read("facts.txt");

    private static final List<String> CAPITALS = Words.list("capitals");
    private static final List<String> CAPITAL_QUESTIONS = List.of(
            "What is the capital of {}?",
            "What's the capital of {}?",
            "Which city is the capital of {}?",
            "Name the capital of {}.",
            "Tell me the capital of {}.",
            "What is the name of the capital of {}?",
            "What is the capital city of {}?",
            "Which is the capital of {}?",
            "What is {}'s capital?");

    private Facts() {}

    static Exchange draw(SplittableRandom random, Split split) {
        return split.draw(() -> draw(random), Exchange::key);
    }

    private static Exchange draw(SplittableRandom random) {
        int choice = random.nextInt(BOOK.entries().size() + CAPITALS.size());
        if (choice < CAPITALS.size()) {
            return capital(random, CAPITALS.get(choice));
        }
        Phrasebook.Entry entry = BOOK.entries().get(choice - CAPITALS.size());
        String question = Wording.dressed(random, Words.pick(random, entry.questions()));
        return Exchange.said(question, entry.answer(), entry.json());
    }

    private static Exchange capital(SplittableRandom random, String pair) {
        int equals = pair.indexOf('=');
        String country = pair.substring(0, equals);
        String city = pair.substring(equals + 1);
        String question = Words.pick(random, CAPITAL_QUESTIONS).replace("{}", country);
        String answer = "The capital of " + country + " is " + city + '.';
        return Exchange.said(Wording.dressed(random, question), answer, Exchange.quoted(city));
    }
}
