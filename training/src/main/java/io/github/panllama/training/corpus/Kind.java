package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** What a user may ask to have remembered. {@code {v}} is the value, {@code {l}} what tells two of a kind apart. */
@SuppressWarnings("ImmutableEnumChecker") // its lists are made by List.of
enum Kind {
    NAME(
            "your name",
            "Your name is {v}.",
            List.of(
                    "My name is {v}.",
                    "I am called {v}.",
                    "Call me {v}.",
                    "People call me {v}.",
                    "You can call me {v}.",
                    "Please remember that my name is {v}.",
                    "{v} is my name.",
                    "Remember my name: {v}."),
            List.of(
                    "What is my name?",
                    "Do you remember my name?",
                    "What am I called?",
                    "Who am I?",
                    "Tell me my name.",
                    "What was my name again?",
                    "Can you tell me my name?",
                    "Which name did I give you?")),
    NUMBER(
            "a number",
            "The number is {v}.",
            List.of(
                    "Remember the number {v}.",
                    "The number is {v}.",
                    "Please keep the number {v} in mind.",
                    "My number is {v}.",
                    "Note the number {v}.",
                    "Do not forget the number {v}.",
                    "The secret number is {v}.",
                    "Remember {v}."),
            List.of(
                    "What is the number?",
                    "Which number did I give you?",
                    "What was the number?",
                    "Tell me the number.",
                    "What number did I tell you?",
                    "Do you remember the number?",
                    "Can you tell me the number?")),
    CITY(
            "where you live",
            "You live in {v}.",
            List.of(
                    "I live in {v}.",
                    "My home is in {v}.",
                    "I have moved to {v}.",
                    "My city is {v}.",
                    "My house is in {v}."),
            List.of(
                    "Where do I live?",
                    "Which city do I live in?",
                    "What is my city?",
                    "In which city do I live?",
                    "Do you remember where I live?",
                    "Tell me where I live.",
                    "Where is my home?")),
    COLOUR(
            "your favourite colour",
            "Your favourite colour is {v}.",
            List.of(
                    "My favourite colour is {v}.",
                    "I like the colour {v} best.",
                    "My favorite color is {v}.",
                    "The colour that I like best is {v}."),
            List.of(
                    "What is my favourite colour?",
                    "Which colour do I like best?",
                    "What is my favorite color?",
                    "Do you remember my favourite colour?",
                    "Tell me my favourite colour.")),
    FOOD(
            "your favourite food",
            "Your favourite food is {v}.",
            List.of(
                    "My favourite food is {v}.",
                    "I like to eat {v} best.",
                    "My favorite food is {v}.",
                    "The food that I like best is {v}."),
            List.of(
                    "What is my favourite food?",
                    "Which food do I like best?",
                    "What is my favorite food?",
                    "What do I like to eat?",
                    "Do you remember my favourite food?",
                    "Tell me my favourite food.")),
    CODE(
            "a code word",
            "The code word is {v}.",
            List.of(
                    "The code word is {v}.",
                    "Remember the code word {v}.",
                    "Please remember this code word: {v}.",
                    "Our code word is {v}.",
                    "Keep the code word {v} in mind.",
                    "The password is {v}."),
            List.of(
                    "What is the code word?",
                    "Which code word did I give you?",
                    "What was the code word?",
                    "Tell me the code word.",
                    "Do you remember the code word?",
                    "Can you tell me the code word?",
                    "What is the password?")),
    FRIEND(
            "the name of your friend",
            "Your friend is called {v}.",
            List.of(
                    "My friend is called {v}.",
                    "My friend's name is {v}.",
                    "I have a friend called {v}.",
                    "The name of my friend is {v}."),
            List.of(
                    "What is my friend called?",
                    "What is the name of my friend?",
                    "What is my friend's name?",
                    "Do you remember the name of my friend?",
                    "Tell me the name of my friend.")),
    DOG(
            "the name of your dog",
            "Your dog is called {v}.",
            List.of(
                    "My dog is called {v}.",
                    "My dog's name is {v}.",
                    "I have a dog called {v}.",
                    "The name of my dog is {v}."),
            List.of(
                    "What is my dog called?",
                    "What is the name of my dog?",
                    "What is my dog's name?",
                    "Do you remember the name of my dog?",
                    "Tell me the name of my dog.")),
    JOB(
            "your job",
            "You work as a {v}.",
            List.of("I work as a {v}.", "I am a {v}.", "My job is {v}.", "I have a job as a {v}."),
            List.of(
                    "What is my job?",
                    "What do I work as?",
                    "What do I do for a living?",
                    "Do you remember my job?",
                    "Tell me my job.")),
    DAY(
            "the day of your appointment",
            "Your appointment is on {v}.",
            List.of("My appointment is on {v}.", "I have an appointment on {v}.", "Remember my appointment on {v}."),
            List.of(
                    "When is my appointment?",
                    "On which day is my appointment?",
                    "Which day is my appointment?",
                    "Tell me the day of my appointment.")),
    LABELLED_NUMBER(
            "that number",
            "The {l} number is {v}.",
            List.of("The {l} number is {v}.", "Remember that the {l} number is {v}.", "Let the {l} number be {v}."),
            List.of(
                    "What is the {l} number?",
                    "Which is the {l} number?",
                    "Tell me the {l} number.",
                    "What was the {l} number?")),
    LIKING(
            "what that person likes",
            "{l} likes {v}.",
            List.of("{l} likes {v}.", "{l} likes {v} very much.", "Remember that {l} likes {v}."),
            List.of("What does {l} like?", "Tell me what {l} likes.", "Do you remember what {l} likes?"));

    private final String subject;
    private final String answer;
    private final List<String> carriers;
    private final List<String> questions;

    Kind(String subject, String answer, List<String> carriers, List<String> questions) {
        this.subject = subject;
        this.answer = answer;
        this.carriers = carriers;
        this.questions = questions;
    }

    /** Whether two of it are told apart by a label, and always given together. */
    boolean paired() {
        return this == LABELLED_NUMBER || this == LIKING;
    }

    /** Whether so many values exist that one alone makes an instance. */
    boolean plentiful() {
        return this == NUMBER || this == CODE || paired();
    }

    /** Something of this kind, given in one of the ways. */
    Item item(SplittableRandom random) {
        return item(random, label(random));
    }

    /** With a label of the caller's. */
    Item item(SplittableRandom random, String label) {
        String value = value(random);
        String given = Words.pick(random, carriers).replace("{l}", label).replace("{v}", value);
        return new Item(this, label, value, given);
    }

    /** What tells this one apart; unused by kinds that come alone. */
    String label(SplittableRandom random) {
        return this == LIKING ? Words.name(random) : Words.pick(random, Words.list("labels"));
    }

    String answer(Item item) {
        return answer.replace("{l}", item.label()).replace("{v}", item.value());
    }

    /** The answer where nothing of this kind was given. */
    String unknown() {
        return "You did not tell me " + subject + '.';
    }

    String question(SplittableRandom random, String label) {
        return Wording.plain(random, Words.pick(random, questions)).replace("{l}", label);
    }

    private String value(SplittableRandom random) {
        return switch (this) {
            case NAME, FRIEND -> Words.name(random);
            case NUMBER, LABELLED_NUMBER -> String.valueOf(Numbers.withDigits(random, random.nextInt(2, 5)));
            case CITY ->
                random.nextInt(6) > 0 ? Words.pick(random, Words.CITIES) : Words.capital(Words.invented(random, 2));
            case CODE -> Words.invented(random, 2);
            case DOG ->
                random.nextInt(4) > 0
                        ? Words.pick(random, Words.list("pets"))
                        : Words.capital(Words.invented(random, 2));
            case COLOUR -> Words.pick(random, Words.list("colours"));
            case FOOD -> Words.pick(random, Words.list("foods"));
            case JOB -> Words.pick(random, Words.list("jobs"));
            case DAY -> Words.pick(random, Words.list("days"));
            case LIKING -> Words.pick(random, Words.list("drinks"));
        };
    }

    /**
     * A value that a user gives.
     *
     * @param kind what it is
     * @param label what tells it apart from another of its kind
     * @param value the value
     * @param given the sentence that gives it
     */
    record Item(Kind kind, String label, String value, String given) {
        String answer() {
            return kind.answer(this);
        }

        /** What the instance's key says of it. */
        String fact() {
            return kind + (kind.paired() ? " " + label : "") + '=' + value;
        }
    }
}
