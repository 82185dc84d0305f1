package io.github.panllama.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.panllama.evaluation.EvaluationException;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.opentest4j.AssertionFailedError;

/** Gates as JUnit runs them. */
class QualityGateTest {
    @BeforeAll
    static void write() throws IOException {
        Gates.write();
    }

    private static TestExecutionSummary run(Class<?> type) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(type))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static Throwable failure(Class<?> type) {
        TestExecutionSummary summary = run(type);
        assertThat(summary.getTestsSucceededCount()).isZero();
        assertThat(summary.getFailures()).hasSize(1);
        return summary.getFailures().getFirst().getException();
    }

    @Test
    void aModelThatIsGoodEnoughPassesAndTheTestSeesTheReport() {
        TestExecutionSummary summary = run(Gates.Passing.class);
        assertThat(summary.getFailures()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
    }

    @Test
    void aModelThatIsNotFailsWithEveryBoundThatItBreaks() {
        assertThat(failure(Gates.Failing.class))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageStartingWith("target/gates/q4.gguf does not pass its quality gate:")
                .hasMessageMatching("(?s).*top-1 agreement 0\\.[0-9]+ < 0\\.999 \\(minTop1\\).*")
                .hasMessageMatching("(?s).*mean KL divergence [0-9.]+ > 1\\.0E-4 \\(maxKl\\).*")
                .hasMessageNotContaining("perplexity ratio");
    }

    @Test
    void wrongAnswersAreShown() {
        assertThat(failure(Gates.WrongAnswers.class))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("  accuracy 0.500000 < 0.6 (minAccuracy)")
                .hasMessageContaining("  accuracy of hard 0.000000 < 0.1 (minSkillAccuracy)")
                .hasMessageContaining("  wrong: none: ")
                .hasMessageNotContaining("accuracy of easy");
    }

    @Test
    void aGateOfAClassKeepsAllItsTestsFromRunning() {
        TestExecutionSummary summary = run(Gates.FailingClass.class);
        assertThat(summary.getContainersFailedCount()).isEqualTo(1);
        assertThat(summary.getTestsStartedCount()).isZero();
        assertThat(summary.getFailures().getFirst().getException()).hasMessageContaining("(maxPerplexity)");
        assertThat(run(Gates.PassingClass.class).getTestsSucceededCount()).isEqualTo(1);
    }

    @Test
    void aGateThatLacksSomethingIsAnErrorThatNamesIt() {
        assertThat(failure(Gates.WithoutBound.class))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("has no bound");
        assertThat(failure(Gates.WithoutReference.class))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("has no reference");
        assertThat(failure(Gates.ShortText.class))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("two windows of 512");
    }
}
