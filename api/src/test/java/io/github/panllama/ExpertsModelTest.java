package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The bundled mixture of experts: as many experts answer as are asked, and what they answer depends on how many. */
class ExpertsModelTest {
    private static final Set<String> SKILLS = Set.of("arithmetic_thinking", "arithmetic_direct", "recall", "repeat");

    private static TaskReport report(ModelOptions options, int every) throws IOException {
        try (LlamaModel model = LlamaModel.load(TinyModel.expertsPath(), options)) {
            assertThat(model.architecture()).isEqualTo("deepseek");
            List<Question> questions = QuestionFile.read(TinyModel.questions(), model).stream()
                    .filter(question -> SKILLS.contains(question.skill()))
                    .toList();
            return Evaluation.tasks(
                    model,
                    IntStream.range(0, questions.size())
                            .filter(i -> i % every == 0)
                            .mapToObj(questions::get)
                            .toList());
        }
    }

    private static ModelOptions active(int experts) {
        return ModelOptions.builder().activeExperts(experts).build();
    }

    @Test
    void itAnswersWhatItNeverSaw() throws IOException {
        TaskReport report = report(ModelOptions.defaults(), 1);
        assertThat(report.skills().keySet()).isEqualTo(SKILLS);
        assertThat(report.skills().values())
                .allSatisfy(score -> assertThat(score.total()).isGreaterThanOrEqualTo(200));
        assertThat(report.accuracy()).isGreaterThanOrEqualTo(0.88);
    }

    /** With all of them the texts are those of two, mostly: the others have little weight. One is too few. */
    @Test
    void theNumberOfActiveExpertsIsAChoice() throws IOException {
        TaskReport trained = report(ModelOptions.defaults(), 8);
        assertThat(texts(report(active(2), 8))).isEqualTo(texts(trained));
        TaskReport one = report(active(1), 8);
        assertThat(texts(one)).isNotEqualTo(texts(trained));
        assertThat(one.accuracy()).isLessThan(trained.accuracy());
    }

    private static List<String> texts(TaskReport report) {
        return report.results().stream().map(result -> result.text()).collect(Collectors.toList());
    }
}
