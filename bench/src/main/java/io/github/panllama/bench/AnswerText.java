package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The text that quality is measured on: the questions, each with all that the reference says to it. What the model says
 * is counted; nobody can expect what a user asks.
 *
 * @param tokens of all conversations, one after the other
 * @param counted which of them the model says
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AnswerText(int[] tokens, BitSet counted) {
    static AnswerText of(LlamaModel model, TaskReport answers) {
        List<int[]> parts = new ArrayList<>();
        BitSet counted = new BitSet();
        int size = 0;
        int end = model.tokenizer().endOfText().orElseThrow();
        for (TaskResult result : answers.results()) {
            int[] prompt = model.tokenizer().encode(result.question().prompt().orElseThrow());
            int[] said = model.tokenizer().encode(result.text());
            parts.add(prompt);
            parts.add(said);
            parts.add(new int[] {end});
            int answer = size + prompt.length;
            size = answer + said.length + 1;
            counted.set(answer, size);
        }
        return new AnswerText(parts.stream().flatMapToInt(Arrays::stream).toArray(), counted);
    }
}
