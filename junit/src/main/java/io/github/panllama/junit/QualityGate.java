package io.github.panllama.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Makes a method a test that fails where a model is not as good as it has to be, such as one that was quantised or tuned
 * again. On a class, all of its tests fail then.
 *
 * {@snippet :
 * @QualityGate(
 *         model = "models/m-q4.gguf",
 *         reference = "models/m-f16.gguf",
 *         text = "src/test/resources/text.txt",
 *         minTop1 = 0.95,
 *         maxKl = 0.05)
 * void theQuantisedModelIsNearTheOriginal(QualityReport report) {
 *     System.out.println(report);
 * }
 * }
 *
 * <p>The method runs after the gate was passed; it may be empty, and may take the {@link QualityReport} as a parameter
 * for assertions of its own. Files are named as for {@link java.nio.file.Path#of}, from the folder in which the tests
 * run. A bound that is not set is not checked, and what no bound needs is not measured. A gate without any bound, or
 * without what a bound needs, is an error.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(QualityGateExtension.class)
@SuppressWarnings("exports") // JUnit alone sees the extension
public @interface QualityGate {
    /** The model to be tested, a GGUF file. */
    String model();

    /** The model that it is compared with, such as the one that it was quantised from. */
    String reference() default "";

    /** A text in UTF-8, over which perplexity is measured and models are compared. */
    String text() default "";

    /** Questions, as {@link io.github.panllama.evaluation.QuestionFile} reads them. */
    String questions() default "";

    /** The least share of tokens where model and reference find the same one the likeliest, from 0 to 1. */
    double minTop1() default Double.NEGATIVE_INFINITY;

    /** The largest mean Kullback-Leibler divergence from the reference, in nats. */
    double maxKl() default Double.POSITIVE_INFINITY;

    /** The largest quotient of the perplexities of model and reference. */
    double maxPerplexityRatio() default Double.POSITIVE_INFINITY;

    /** The largest perplexity. */
    double maxPerplexity() default Double.POSITIVE_INFINITY;

    /** The least share of questions that are answered right, from 0 to 1. */
    double minAccuracy() default Double.NEGATIVE_INFINITY;

    /** The least share for each skill of the questions, from 0 to 1. */
    double minSkillAccuracy() default Double.NEGATIVE_INFINITY;

    /** Tokens of a window of the text; 0 for the default of {@link io.github.panllama.evaluation.WindowOptions}. */
    int windowSize() default 0;

    /** The most windows to compute; 0 for the whole text. */
    int maxChunks() default 0;

    /** Threads that compute; 0 for the default of {@link io.github.panllama.ContextOptions}. */
    int threads() default 0;
}
