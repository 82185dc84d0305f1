package io.github.panllama.training.corpus;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/** The ways in which people dress a sentence: with a greeting, politely, in a hurry, without capitals or full stops. */
final class Wording {
    private static final List<String> LEADS_TO_ALL = List.of(
            "Hello! ",
            "Hi, ",
            "Thanks. ",
            "Okay, ",
            "Now ",
            "Another question: ",
            "Quick question: ",
            "Good. ",
            "One more: ");
    private static final List<String> LEADS_TO_QUESTIONS = List.of(
            "Please tell me: ",
            "Tell me: ",
            "Can you tell me: ",
            "Could you tell me: ",
            "I have a question: ",
            "I want to know: ",
            "I would like to know: ",
            "Do you know: ",
            "Sorry, ",
            "And ",
            "So ",
            "Say, ");
    private static final List<String> LEADS_TO_REQUESTS =
            List.of("Please ", "Now please ", "Could you please ", "Can you ");
    private static final List<String> ENDS = List.of(" Thanks!", " Thank you.", " I am new to this.", " Be brief.");
    private static final Set<String> KEEP_CAPITAL =
            Set.of("I", "I'm", "Panama", "Java", "Jupiter", "Georgi", "William", "Linux", "Maven");

    private Wording() {}

    /** One of very many ways to say a question or a request. */
    static String dressed(SplittableRandom random, String sentence) {
        String text = sentence;
        if (random.nextInt(10) < 6) {
            text = lead(random, sentence);
        }
        int end = random.nextInt(10);
        if (end == 0) {
            return text + Words.pick(random, ENDS);
        }
        if (end == 1) {
            return withoutStop(text) + ", please" + text.charAt(text.length() - 1);
        }
        return plain(random, text);
    }

    /** A sentence as it is, or carelessly written. */
    static String plain(SplittableRandom random, String sentence) {
        return switch (random.nextInt(10)) {
            case 0 -> sentence.toLowerCase(Locale.ROOT);
            case 1 -> withoutStop(sentence).toLowerCase(Locale.ROOT);
            case 2 -> withoutStop(sentence);
            case 3 -> sentence.endsWith(".") ? withoutStop(sentence) + '!' : lowerFirst(sentence);
            default -> sentence;
        };
    }

    private static String lead(SplittableRandom random, String sentence) {
        boolean question = sentence.endsWith("?");
        int choice = random.nextInt(2);
        if (choice == 0) {
            return led(Words.pick(random, LEADS_TO_ALL), sentence);
        }
        if (question) {
            return Words.pick(random, LEADS_TO_QUESTIONS) + lowerFirst(sentence);
        }
        String lead = Words.pick(random, LEADS_TO_REQUESTS);
        return lead + lowerFirst(lead.startsWith("C") ? withoutStop(sentence) + '?' : sentence);
    }

    /** A sentence after a lead: in lower case where the lead is no sentence of its own. */
    static String led(String lead, String sentence) {
        boolean ended = lead.endsWith(". ") || lead.endsWith("! ");
        return lead + (ended ? sentence : lowerFirst(sentence));
    }

    /** The sentence as the continuation of another: names and abbreviations keep their capital. */
    static String lowerFirst(String sentence) {
        int space = sentence.indexOf(' ');
        String first = space < 0 ? sentence : sentence.substring(0, space);
        boolean abbreviation = first.length() > 1 && !Character.isLowerCase(first.charAt(1)) && first.charAt(1) != '\'';
        if (abbreviation || KEEP_CAPITAL.contains(first)) {
            return sentence;
        }
        return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
    }

    static String withoutStop(String sentence) {
        int end = sentence.length() - 1;
        return ".?!".indexOf(sentence.charAt(end)) < 0
                ? sentence
                : sentence.substring(0, end).stripTrailing();
    }
}
