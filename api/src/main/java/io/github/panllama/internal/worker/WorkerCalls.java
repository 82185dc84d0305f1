package io.github.panllama.internal.worker;

import java.util.function.Consumer;

/** Calls a {@link WorkerService} in a worker. */
public interface WorkerCalls {
    /**
     * Reads an answer.
     *
     * @param <T> what it is
     */
    @FunctionalInterface
    interface Decoder<T> {
        /**
         * Reads all fields of the answer.
         *
         * @throws ProtocolException if they are not as they must be
         */
        T read(FrameReader reply) throws ProtocolException;
    }

    /**
     * Asks, and waits for the answer. What the service throws is thrown here.
     *
     * @param call what is asked for, from 0
     * @param arguments writes its fields
     * @param decoder reads the answer, on the channel's thread
     */
    <T> T callService(int call, Consumer<FrameWriter> arguments, Decoder<T> decoder);
}
