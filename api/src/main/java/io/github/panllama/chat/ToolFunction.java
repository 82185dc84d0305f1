package io.github.panllama.chat;

/** What a {@link Tool} does. */
@FunctionalInterface
public interface ToolFunction {
    /**
     * Does it.
     *
     * @param arguments a JSON object, as the model wrote it
     * @return what the model is told
     * @throws Exception if it cannot be done; the model is told so
     */
    String call(String arguments) throws Exception;
}
