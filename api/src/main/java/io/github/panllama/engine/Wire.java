package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The frames between an isolated engine and its worker. The client's are even, the worker's odd.
 *
 * <p>After START, which brings the options, the worker answers PROGRESS while it loads, and then READY or FAILED. A
 * SUBMIT is answered by ACCEPTED or REFUSED, and for each generation by BEGUN, CHUNKs and an END or FAILURE. CREDIT tells
 * how many chunks a generation may have in all. A CALL is answered by a REPLY or an ERROR, in any order. From START on,
 * unless the client wants none of it, an ALIVE comes in regular intervals, with the nanoseconds for which the engine's
 * thread has not got on.
 */
final class Wire {
    /** Both sides are of one release; this tells them when they are not. */
    static final int VERSION = 2;

    static final int START = 2;
    static final int SUBMIT = 4;
    static final int CANCEL = 6;
    static final int CREDIT = 8;
    static final int CALL = 10;

    static final int PROGRESS = 1;
    static final int READY = 3;
    static final int FAILED = 5;
    static final int ACCEPTED = 7;
    static final int REFUSED = 9;
    static final int BEGUN = 11;
    static final int CHUNK = 13;
    static final int END = 15;
    static final int FAILURE = 17;
    static final int REPLY = 19;
    static final int ERROR = 21;
    static final int ALIVE = 23;

    /** What a CALL asks for. Others, from {@link #FIRST_SERVICE} on, are of a service above the engine. */
    static final int CALL_STATS = 1;

    static final int CALL_ENCODE = 2;
    static final int CALL_DECODE = 3;
    static final int CALL_OPEN = 4;
    static final int CALL_FORK = 5;
    static final int CALL_SAVE = 6;
    static final int CALL_FORGET = 7;
    static final int FIRST_SERVICE = 64;

    /** Of lists in a frame. */
    static final int MAX_LIST = 1 << 24;

    /** Of a text in a frame, in bytes. */
    static final int MAX_TEXT = 1 << 26;

    private Wire() {}

    /** The text with what is no Unicode replaced, as native code would have it. */
    static String clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            }
        }
        return text;
    }

    static String getText(FrameReader in, String name) throws ProtocolException {
        return in.getString(name, MAX_TEXT);
    }

    static List<String> getStrings(FrameReader in, String name) throws ProtocolException {
        return in.getStrings(name, MAX_LIST, MAX_TEXT);
    }

    static void putTokens(FrameWriter out, List<Integer> tokens) {
        out.putInts(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    static List<Integer> getTokens(FrameReader in, String name) throws ProtocolException {
        return Arrays.stream(in.getInts(name, MAX_LIST)).boxed().toList();
    }

    static void putDuration(FrameWriter out, Duration duration) {
        // What is longer than some centuries is for ever.
        out.putLong(TimeUnit.NANOSECONDS.convert(duration));
    }

    static Duration getDuration(FrameReader in, String name) throws ProtocolException {
        return Duration.ofNanos(in.getLong(name));
    }
}
