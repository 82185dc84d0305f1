package io.github.panllama.evaluation;

import io.github.panllama.Batch;
import io.github.panllama.Sampler;
import java.util.Arrays;

/** One of the places where a question is answered: free, listening to its prompt, or speaking. */
final class TaskSequence {
    private static final int FREE = -1;

    private final int id;
    private final Sampler sampler;
    private int question = FREE;
    private int[] prompt = {};
    private int heard;
    private int[] said = new int[64];
    private int saidCount;

    TaskSequence(int id, Sampler sampler) {
        this.id = id;
        this.sampler = sampler;
    }

    int id() {
        return id;
    }

    Sampler sampler() {
        return sampler;
    }

    /** The index of its question. */
    int question() {
        return question;
    }

    /** Tokens said so far. */
    int said() {
        return saidCount;
    }

    boolean isFree() {
        return question == FREE;
    }

    boolean isListening() {
        return !isFree() && heard < prompt.length;
    }

    boolean isSpeaking() {
        return !isFree() && saidCount > 0;
    }

    void start(int index, int[] tokens) {
        question = index;
        prompt = tokens;
        heard = 0;
        saidCount = 0;
        sampler.reset();
    }

    /** Adds as much of the prompt as there is room for; answers whether that was the last of it. */
    boolean addPrompt(Batch batch) {
        int count = Math.min(prompt.length - heard, batch.capacity() - batch.size());
        boolean last = count > 0 && heard + count == prompt.length;
        batch.addAll(prompt, heard, heard + count, heard, id, last);
        heard += count;
        return last;
    }

    /** Adds what it said last, and answers the row. */
    int addToken(Batch batch) {
        return batch.add(said[saidCount - 1], prompt.length + saidCount - 1, id, true);
    }

    void take(int token) {
        if (saidCount == said.length) {
            said = Arrays.copyOf(said, 2 * saidCount);
        }
        said[saidCount++] = token;
    }

    /** Answers what it said, and is free. */
    int[] finish() {
        question = FREE;
        return Arrays.copyOf(said, saidCount);
    }
}
