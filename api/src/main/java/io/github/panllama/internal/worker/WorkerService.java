package io.github.panllama.internal.worker;

/**
 * Answers calls of a worker's client that the engine itself does not know of. What it refers to is the model of the worker.
 *
 * <p><b>Threads.</b> {@link #read} is called by the channel's thread; the answers are made by any, several at a time.
 */
public interface WorkerService {
    /** An answer that is to be made. */
    @FunctionalInterface
    interface Answer {
        /** Makes the answer, and writes its fields. */
        void write(FrameWriter reply);
    }

    /**
     * Reads a call.
     *
     * @param call what is asked for, from 0
     * @param arguments its fields, valid until this returns
     * @throws ProtocolException if they are not as they must be
     */
    Answer read(int call, FrameReader arguments) throws ProtocolException;
}
