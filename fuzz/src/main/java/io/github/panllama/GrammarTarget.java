package io.github.panllama;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.util.List;

/** What is checked of a grammar. What it makes of one does not depend on comments and empty lines. */
public final class GrammarTarget implements FuzzTarget {
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 1024;

    @Override
    public void run(byte[] input) throws Exception {
        String text = new Input(input).text();
        boolean accepted = Allocation.atMost(BASE + (long) BYTES_PER_BYTE * input.length, () -> isAccepted(text));
        Expect.equal(isAccepted(text), accepted, "two answers");
        if (accepted) {
            Expect.that(isAccepted("# one more rule: (((\n" + text), "a comment changes nothing");
        }
    }

    private static boolean isAccepted(String text) {
        try {
            GrammarText.check(text, "root");
            return true;
        } catch (IllegalArgumentException e) {
            Expect.that(e.getMessage() != null, "it says why");
            return false;
        }
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                Input.text("root ::= \"yes\" | \"no\"\n"),
                Input.text(
                        "root ::= item (\",\" ws item){0,3} # list\nitem ::= [a-z0-9_]+ | \"\\\"\" [^\"\\\\]* \"\\\"\"\nws ::= [ \\t\\n]*"),
                Input.text("root ::= (a | b)? .{2,} <think>\na ::= b c*\nb ::= \"x\"{3}\nc ::= \"\" | d\nd::= a"),
                Input.text("root ::= root \"a\" | \"\""));
    }
}
