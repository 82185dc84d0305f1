package io.github.panllama.gpu;

import io.github.panllama.Device;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips what needs a GPU where there is none, unless one is required: then {@link Card} fails and says why there is none. */
final class CardCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean needed = Card.KIND != Card.Kind.CPU;
        boolean required = Boolean.getBoolean("panllama.gpu.required");
        return needed && !required && Device.gpus().isEmpty()
                ? ConditionEvaluationResult.disabled("there is no GPU, and panllama.gpu.required is not set")
                : ConditionEvaluationResult.enabled("computes on " + Card.KIND);
    }
}
