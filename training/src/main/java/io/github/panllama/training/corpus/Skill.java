package io.github.panllama.training.corpus;

/** What the last turn of a conversation practises. */
public enum Skill {
    /** Addition and subtraction, worked out column by column in the reasoning. */
    ARITHMETIC_THINKING,
    /** The same, answered at once. */
    ARITHMETIC_DIRECT,
    /** A value that the user gave in an earlier turn. */
    RECALL,
    /** Words of the question, said again. */
    REPEAT,
    /** Something that the model knows, most of it about panllama. */
    FACT,
    /** Greetings, thanks, jokes, and what the model has to decline. */
    SMALL_TALK,
    /** Multiplication and division: the calculator is called. */
    TOOL_CALL,
    /** The calculator's result becomes an answer. */
    TOOL_RESULT,
    /** The system prompt asks for JSON. */
    JSON
}
