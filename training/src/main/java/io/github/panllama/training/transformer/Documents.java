package io.github.panllama.training.transformer;

import java.util.List;

/**
 * Documents one after the other, that do not attend to each other.
 *
 * @param starts where each begins, and where the last ends
 * @param inputs a token for each place
 * @param targets the token that follows it, or −1 where nothing shall be learnt
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, compared by nobody
public record Documents(int[] starts, int[] inputs, int[] targets) {
    /** A document's tokens, and which of them the model is to write itself. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Document(int[] tokens, boolean[] trained) {
        /** How many places it takes: its last token is only a target. */
        public int places() {
            return tokens.length - 1;
        }
    }

    public static Documents of(List<Document> documents) {
        int places = documents.stream().mapToInt(Document::places).sum();
        int[] starts = new int[documents.size() + 1];
        int[] inputs = new int[places];
        int[] targets = new int[places];
        int at = 0;
        for (int i = 0; i < documents.size(); i++) {
            Document document = documents.get(i);
            for (int j = 0; j < document.places(); j++) {
                inputs[at] = document.tokens()[j];
                targets[at] = document.trained()[j + 1] ? document.tokens()[j + 1] : -1;
                at++;
            }
            starts[i + 1] = at;
        }
        return new Documents(starts, inputs, targets);
    }

    public int places() {
        return inputs.length;
    }

    /** How many places have a target. */
    public int trained() {
        int count = 0;
        for (int target : targets) {
            count += target >= 0 ? 1 : 0;
        }
        return count;
    }
}
