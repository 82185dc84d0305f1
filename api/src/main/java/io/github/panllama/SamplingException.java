package io.github.panllama;

/**
 * No token could be chosen: a grammar allows none of the candidates, the logits are not numbers, or the chain has no
 * stage that selects.
 */
public class SamplingException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public SamplingException(String message) {
        super(message);
    }
}
