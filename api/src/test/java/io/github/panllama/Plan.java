package io.github.panllama;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sequences that join and leave a batch at different steps: run by Java here, and by reference.c from the same text. */
record Plan(List<Sequence> sequences) {
    /** One sequence, whose id is its place in the plan. */
    static final class Sequence {
        private final int join;
        private final int count;
        private final int[] prompt;

        /**
         * @param join the step at which its prompt is evaluated
         * @param count tokens to generate
         */
        Sequence(int join, int count, int[] prompt) {
            this.join = join;
            this.count = count;
            this.prompt = prompt;
        }

        int join() {
            return join;
        }

        int count() {
            return count;
        }

        int[] prompt() {
            return prompt;
        }

        @Override
        public String toString() {
            return join + " " + count + " "
                    + Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(" "));
        }
    }

    /** Where the token that is {@code index}-th of its sequence is put: its index, unless a test wants it wrong. */
    interface Positions {
        int of(int sequence, int index);
    }

    /** Sequences of different prompts, lengths and steps. */
    static Plan interleaved(int sequences) {
        return new Plan(IntStream.range(0, sequences)
                .mapToObj(i -> new Sequence(i * 3 % 7, 24 + 5 * i, TestModels.prompt(5 + 7 * i % 23, i)))
                .toList());
    }

    /** The same, all at the first step. */
    Plan startingTogether() {
        return new Plan(sequences.stream()
                .map(s -> new Sequence(0, s.count(), s.prompt()))
                .toList());
    }

    static Plan single() {
        return new Plan(List.of(new Sequence(0, 64, TestModels.prompt(24, 99))));
    }

    /** The ids that Java generates, for each sequence. */
    List<int[]> run(LlamaContext context, Positions positions) {
        List<int[]> generated = sequences.stream().map(s -> new int[s.count()]).toList();
        int[] lengths = new int[sequences.size()];
        int[] rows = new int[sequences.size()];
        int[] members = new int[sequences.size()];
        int[] tokens = new int[sequences.size()];
        Sampler[] samplers = new Sampler[sequences.size()];
        try (Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(sequences.size(), 1);
                Sampler greedy = Sampler.greedy(context.model())) {
            Sampler[] own = new Sampler[sequences.size()];
            Arrays.setAll(own, i -> greedy.copy());
            for (int step = 0; !done(lengths); step++) {
                int running = 0;
                batch.clear();
                for (int i = 0; i < sequences.size(); i++) {
                    if (step >= sequences.get(i).join()
                            && lengths[i] < sequences.get(i).count()) {
                        add(batch, i, generated.get(i), lengths[i], positions);
                        rows[running] = batch.size() - 1;
                        samplers[running] = own[i];
                        members[running++] = i;
                    }
                }
                if (running > 0) {
                    context.decode(batch);
                    sampler.sample(context, running, rows, samplers, tokens);
                    for (int r = 0; r < running; r++) {
                        generated.get(members[r])[lengths[members[r]]++] = tokens[r];
                    }
                }
            }
            Arrays.stream(own).forEach(Sampler::close);
        }
        return generated;
    }

    private void add(Batch batch, int sequence, int[] generated, int length, Positions positions) {
        int[] prompt = sequences.get(sequence).prompt();
        if (length == 0) {
            for (int i = 0; i < prompt.length; i++) {
                batch.add(prompt[i], positions.of(sequence, i), sequence, i == prompt.length - 1);
            }
        } else {
            int index = prompt.length + length - 1;
            batch.add(generated[length - 1], positions.of(sequence, index), sequence, true);
        }
    }

    private boolean done(int[] lengths) {
        return IntStream.range(0, lengths.length)
                .allMatch(i -> lengths[i] == sequences.get(i).count());
    }

    @Override
    public String toString() {
        return sequences.stream().map(Sequence::toString).collect(Collectors.joining("\n", "", "\n"));
    }
}
