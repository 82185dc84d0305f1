package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** The ways to ask for a calculation. */
final class Sums {
    private static final List<String> SYMBOLS = List.of(
            "What is {a} # {b}?",
            "What's {a} # {b}?",
            "{a} # {b}",
            "{a}#{b}",
            "{a} # {b} = ?",
            "{a}#{b}=",
            "{a} # {b} =",
            "Calculate {a} # {b}.",
            "Calculate {a}#{b}.",
            "Compute {a} # {b}.",
            "Work out {a} # {b}.",
            "How much is {a} # {b}?",
            "What is {a}#{b}?",
            "What does {a} # {b} make?",
            "Solve {a} # {b}.",
            "Can you work out {a} # {b}?",
            "Tell me {a} # {b}.",
            "I need {a} # {b}.",
            "{a} # {b}?");
    private static final List<String> SHORT =
            List.of("{a} # {b}", "{a}#{b}", "{a} # {b} =", "{a}#{b}=", "{a} # {b}?", "What is {a} # {b}?");
    private static final List<String> PLUS = List.of(
            "What is {a} plus {b}?",
            "How much is {a} plus {b}?",
            "{a} plus {b}",
            "Add {a} and {b}.",
            "Can you add {a} and {b}?",
            "What is the sum of {a} and {b}?",
            "Calculate {a} plus {b}.",
            "What do {a} and {b} make?",
            "Add {a} to {b}.",
            "What do you get when you add {a} and {b}?",
            "The sum of {a} and {b}?",
            "What is {a} and {b} together?");
    private static final List<String> MINUS = List.of(
            "What is {a} minus {b}?",
            "How much is {a} minus {b}?",
            "{a} minus {b}",
            "Subtract {b} from {a}.",
            "Can you subtract {b} from {a}?",
            "Take {b} away from {a}.",
            "Calculate {a} minus {b}.",
            "Take {b} from {a}.",
            "What is {a} less {b}?",
            "What do you get when you subtract {b} from {a}?");
    private static final List<String> TIMES = List.of(
            "What is {a} times {b}?",
            "How much is {a} times {b}?",
            "{a} times {b}",
            "Multiply {a} by {b}.",
            "Can you multiply {a} and {b}?",
            "What is the product of {a} and {b}?",
            "Multiply {a} and {b}.",
            "What is {a} multiplied by {b}?",
            "Calculate {a} times {b}.",
            "What is {a} x {b}?",
            "{a} x {b}",
            "{a}x{b}");
    private static final List<String> DIVIDED = List.of(
            "What is {a} divided by {b}?",
            "How much is {a} divided by {b}?",
            "{a} divided by {b}",
            "Divide {a} by {b}.",
            "Can you divide {a} by {b}?",
            "Calculate {a} divided by {b}.",
            "What is {a} over {b}?");
    private static final List<String> MORE_THINGS = List.of(
            "I have {a} {t} and get {b} more. How many {t} do I have?",
            "There are {a} {t} here and {b} {t} there. How many are there?",
            "A box has {a} {t}. I add {b} {t}. How many are in it?");
    private static final List<String> FEWER_THINGS = List.of(
            "I had {a} {t} and gave {b} away. How many {t} are left?",
            "There were {a} {t}. Now {b} of them are gone. How many are left?",
            "I have {a} {t} and lose {b}. How many {t} do I have?");
    private static final List<String> LEADS =
            List.of("Please: ", "Hello! ", "And ", "Now ", "Okay, ", "Next: ", "Thanks. ");

    private Sums() {}

    /** An addition or subtraction. */
    static Exchange sum(SplittableRandom random, Split split) {
        return exchange(random, sumCalculation(random, split));
    }

    /** A hard one, asked for in few words. */
    static Exchange drill(SplittableRandom random) {
        Calculation sum = Split.TRAINING.draw(() -> Calculation.hardSum(random), Calculation::key);
        List<String> patterns = random.nextInt(4) > 0 ? SHORT : words(sum.operator());
        return exchange(sum, filled(random, Words.pick(random, patterns), sum));
    }

    static Calculation sumCalculation(SplittableRandom random, Split split) {
        return split.draw(() -> Calculation.sum(random), Calculation::key);
    }

    static Calculation productCalculation(SplittableRandom random, Split split) {
        return split.draw(() -> Calculation.product(random), Calculation::key);
    }

    static Exchange exchange(SplittableRandom random, Calculation sum) {
        return exchange(sum, question(random, sum));
    }

    private static Exchange exchange(Calculation sum, String question) {
        return new Exchange(question, sum.equation(), String.valueOf(sum.result()), Columns.of(sum), sum.key());
    }

    static String question(SplittableRandom random, Calculation calculation) {
        List<String> patterns = new ArrayList<>(random.nextBoolean() ? SYMBOLS : words(calculation.operator()));
        if (random.nextInt(20) == 0 && calculation.result() >= 0) {
            patterns = things(calculation.operator(), patterns);
        }
        String pattern = Words.pick(random, patterns);
        String text = filled(random, careless(random, pattern), calculation);
        return random.nextInt(10) == 0 ? Wording.led(Words.pick(random, LEADS), text) : text;
    }

    private static String filled(SplittableRandom random, String pattern, Calculation calculation) {
        return pattern.replace('#', calculation.operator())
                .replace("{a}", String.valueOf(calculation.left()))
                .replace("{b}", String.valueOf(calculation.right()))
                .replace("{t}", Words.pick(random, Words.THINGS));
    }

    private static List<String> words(char operator) {
        return switch (operator) {
            case '+' -> PLUS;
            case '-' -> MINUS;
            case '*' -> TIMES;
            default -> DIVIDED;
        };
    }

    private static List<String> things(char operator, List<String> otherwise) {
        return operator == '+' ? MORE_THINGS : operator == '-' ? FEWER_THINGS : otherwise;
    }

    private static String careless(SplittableRandom random, String pattern) {
        return switch (random.nextInt(8)) {
            case 0 -> pattern.toLowerCase(Locale.ROOT);
            case 1 -> Wording.withoutStop(pattern);
            case 2 -> Wording.withoutStop(pattern).toLowerCase(Locale.ROOT);
            default -> pattern;
        };
    }
}
