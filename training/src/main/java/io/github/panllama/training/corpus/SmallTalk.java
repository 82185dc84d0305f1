package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** Greetings and the like, and what a small model has to decline. */
final class SmallTalk {
    private static final Phrasebook BOOK = Phrasebook.read("small-talk.txt");

    private static final String UNKNOWN = "I do not know that. I am a small model.";
    private static final List<String> UNKNOWN_QUESTIONS = List.of(
            "Tell me about {}.",
            "Tell me something about {}.",
            "Can you tell me about {}?",
            "What do you know about {}?",
            "Explain {}.",
            "Explain {} to me.",
            "Can you explain {}?",
            "What can you say about {}?",
            "Write a poem about {}.",
            "Write a story about {}.",
            "Give me a short lecture on {}.",
            "I want to learn about {}.",
            "What is the history of {}?",
            "Describe {}.",
            "Who is an expert on {}?",
            "Why do people like {}?",
            "Which book about {} is the best?",
            "Do you know anything about {}?");
    private static final List<String> COUNTRY_QUESTIONS = List.of(
            "What is the capital of {}?",
            "Name the capital of {}.",
            "How many people live in {}?",
            "What is the capital city of {}?",
            "Tell me about {}.",
            "Where is {}?");
    private static final List<String> GREETINGS = List.of(
            "Hello",
            "Hi",
            "Hey",
            "Good morning",
            "Good evening",
            "Good afternoon",
            "Good day",
            "Hello there",
            "Hi there",
            "Greetings");
    private static final List<String> INTRODUCTIONS = List.of(
            "{g}, I am {n}.",
            "{g}, I'm {n}.",
            "{g}! I am {n}.",
            "{g}! My name is {n}.",
            "{g}, my name is {n}.",
            "{g}, {n} here.",
            "{g}, this is {n}.",
            "{g}, it is {n}.",
            "{g}! This is {n}.",
            "{g}, I am called {n}.");
    private static final List<String> ELSEWHERE = Words.list("elsewhere");

    private SmallTalk() {}

    /** Everything that small talk has. */
    static Exchange draw(SplittableRandom random, Split split) {
        return split.draw(() -> any(random), Exchange::key);
    }

    /** What may stand between other turns: nobody introduces himself, and nothing depends on the tools. */
    static Exchange neutral(SplittableRandom random) {
        return Split.TRAINING.draw(() -> random.nextInt(4) > 0 ? fixed(random) : unknown(random), Exchange::key);
    }

    private static Exchange any(SplittableRandom random) {
        int choice = random.nextInt(100);
        if (choice < 45) {
            return fixed(random);
        }
        if (choice < 65) {
            return introduction(random);
        }
        if (choice < 88) {
            return unknown(random);
        }
        return choice < 96 ? withoutTool(random) : tooLarge(random);
    }

    private static Exchange fixed(SplittableRandom random) {
        Phrasebook.Entry entry = BOOK.pick(random);
        return Exchange.said(Wording.plain(random, Words.pick(random, entry.questions())), entry.answer());
    }

    private static Exchange introduction(SplittableRandom random) {
        String name = Words.name(random);
        String pattern = Words.pick(random, INTRODUCTIONS).replace("{g}", Words.pick(random, GREETINGS));
        String text = random.nextInt(4) == 0 ? Wording.withoutStop(pattern) : pattern;
        text = random.nextInt(6) == 0 ? Wording.lowerFirst(text) : text;
        return Exchange.said(text.replace("{n}", name), "Hello " + name + "! How can I help?");
    }

    private static Exchange unknown(SplittableRandom random) {
        boolean country = random.nextInt(8) == 0;
        String topic = Words.pick(random, country ? ELSEWHERE : Words.TOPICS);
        String question = Words.pick(random, country ? COUNTRY_QUESTIONS : UNKNOWN_QUESTIONS);
        return Exchange.said(Wording.plain(random, question.replace("{}", topic)), UNKNOWN);
    }

    private static Exchange withoutTool(SplittableRandom random) {
        Calculation product = Calculation.product(random);
        String verb = product.operator() == '*' ? "multiply" : "divide";
        String answer = "I need the calculator tool to " + verb + '.';
        return new Exchange(Sums.question(random, product), answer, Exchange.quoted(answer), "", product.key());
    }

    private static Exchange tooLarge(SplittableRandom random) {
        int large = Numbers.withDigits(random, random.nextInt(4, 7));
        int other = Numbers.upToDigits(random, 5);
        char operator = random.nextBoolean() ? '+' : '-';
        var sum = random.nextInt(3) == 0 && operator == '+'
                ? new Calculation(operator, other, large)
                : new Calculation(operator, large, other);
        return Exchange.said(Sums.question(random, sum), "I add and subtract numbers of up to three digits only.");
    }
}
