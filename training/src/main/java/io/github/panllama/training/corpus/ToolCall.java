package io.github.panllama.training.corpus;

/**
 * A call of a tool.
 *
 * @param name the tool
 * @param arguments its arguments, as a JSON object
 */
public record ToolCall(String name, String arguments) {
    static ToolCall calculator(Calculation calculation) {
        return new ToolCall("calculator", "{\"expression\": \"" + calculation.expression() + "\"}");
    }
}
