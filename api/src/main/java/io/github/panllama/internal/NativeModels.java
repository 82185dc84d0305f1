package io.github.panllama.internal;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lends the native side of a model to the packages that are built on it: addresses are part of no public signature.
 *
 * <p><b>Threads.</b> Any.
 */
public final class NativeModels {
    private static volatile @Nullable Lender lender;

    private NativeModels() {}

    /** Holds a model open while its address is used. */
    public interface Lender {
        /**
         * Lends one.
         *
         * @throws IllegalStateException if the model is closed
         */
        void lend(Object model, Consumer<MemorySegment> use);
    }

    /** Told by the class of models, once. */
    public static void setLender(Lender of) {
        lender = of;
    }

    /**
     * Uses a model's address, which is good until {@code use} returns.
     *
     * @throws IllegalStateException if the model is closed
     */
    public static void with(Object model, Consumer<MemorySegment> use) {
        Objects.requireNonNull(lender, "there are no models yet").lend(model, use);
    }
}
