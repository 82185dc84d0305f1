package io.github.panllama;

/** What became of a batch that was not evaluated: the return codes of {@code llama_decode}. */
public enum DecodeStatus {
    /** The memory has no room for the batch, and is as it was. */
    NO_ROOM,
    /** {@link LlamaContext#abort()} stopped it. What was evaluated until then stays in the memory. */
    ABORTED,
    /** The batch contradicts the memory, for instance by a gap in a sequence's positions. The memory is as it was. */
    INVALID_BATCH,
    /** The computation failed. What was evaluated until then stays in the memory: ask for each sequence's positions. */
    FAILED;

    static DecodeStatus of(int code) {
        return switch (code) {
            case 1 -> NO_ROOM;
            case 2 -> ABORTED;
            case -1 -> INVALID_BATCH;
            default -> FAILED;
        };
    }
}
