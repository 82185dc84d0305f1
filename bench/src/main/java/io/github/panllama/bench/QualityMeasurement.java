package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.WindowOptions;
import java.util.ArrayList;
import java.util.List;

/** Measures candidates against the first of them: how well they answer, how near they are, how fast. */
final class QualityMeasurement {
    /** How many sequences a table's speeds are measured at. */
    static final List<Integer> SEQUENCES = List.of(1, 32);

    private final List<Question> questions;
    private final int rounds;

    /**
     * What was measured of a candidate.
     *
     * @param tokensPerSecond at each of {@link #SEQUENCES}
     */
    record Row(Candidate candidate, ComparisonResult comparison, TaskReport tasks, List<Double> tokensPerSecond) {}

    /**
     * A measurement.
     *
     * @param rounds how often each speed is measured
     */
    QualityMeasurement(List<Question> questions, int rounds) {
        this.questions = List.copyOf(questions);
        this.rounds = rounds;
    }

    List<Row> of(List<Candidate> candidates) {
        List<List<Double>> speeds = speeds(candidates);
        Candidate first = candidates.getFirst();
        List<Row> rows = new ArrayList<>();
        try (LlamaModel reference = first.load()) {
            TaskReport answers = tasks(reference, first);
            AnswerText text = AnswerText.of(reference, answers);
            for (int i = 0; i < candidates.size(); i++) {
                Candidate candidate = candidates.get(i);
                try (LlamaModel model = candidate.load()) {
                    WindowOptions options = WindowOptions.builder()
                            .countedTokens(text.counted()::get)
                            .context(first.context())
                            .candidateContext(candidate.context())
                            .build();
                    ComparisonResult comparison = Evaluation.compare(reference, model, text.tokens(), options);
                    rows.add(new Row(candidate, comparison, i == 0 ? answers : tasks(model, candidate), speeds.get(i)));
                }
                System.err.println(candidate.label() + " is measured");
            }
        }
        return rows;
    }

    private TaskReport tasks(LlamaModel model, Candidate candidate) {
        return Evaluation.tasks(
                model,
                questions,
                TaskOptions.builder().context(candidate.context()).build());
    }

    /**
     * By the processor time of the thread, which other work on the machine disturbs less than the clock. All candidates
     * take turns, so that the machine's moods meet all alike; the medians count.
     */
    private List<List<Double>> speeds(List<Candidate> candidates) {
        List<List<Double>> speeds = new ArrayList<>();
        List<LlamaModel> models = new ArrayList<>();
        try {
            for (Candidate candidate : candidates) {
                models.add(candidate.load());
                speeds.add(new ArrayList<>());
            }
            for (int sequences : SEQUENCES) {
                List<Double> medians =
                        medians(candidates, models, Workload.of(sequences).withOwnRooms());
                for (int i = 0; i < medians.size(); i++) {
                    speeds.get(i).add(medians.get(i));
                }
            }
        } finally {
            models.forEach(LlamaModel::close);
        }
        return speeds;
    }

    private List<Double> medians(List<Candidate> candidates, List<LlamaModel> models, Workload workload) {
        List<DecodeLoop> loops = new ArrayList<>();
        List<List<Double>> runs = new ArrayList<>();
        try {
            for (int i = 0; i < models.size(); i++) {
                loops.add(new DecodeLoop(
                        models.get(i), workload, candidates.get(i).settings()));
                loops.getLast().run();
                runs.add(new ArrayList<>());
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < loops.size(); i++) {
                    runs.get(i)
                            .add(workload.timedTokens()
                                    * 1e9
                                    / loops.get(i).run().cpuNanos());
                }
            }
        } finally {
            loops.forEach(DecodeLoop::close);
        }
        return runs.stream()
                .map(each -> Numbers.median(each.stream().mapToDouble(Double::doubleValue)))
                .toList();
    }
}
