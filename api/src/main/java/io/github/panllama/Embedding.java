package io.github.panllama;

/**
 * The vector that the model gives to a token or a sequence: a view of native memory, readable until its context decodes
 * again; later reads throw {@link IllegalStateException}. Not normalised.
 *
 * <p><b>Threads.</b> Those of its context: one call at a time.
 */
public final class Embedding {
    private final FloatView view;

    Embedding(FloatView view) {
        this.view = view;
    }

    /** Number of dimensions. */
    public int size() {
        return view.size();
    }

    /** One dimension. */
    public float get(int dimension) {
        return view.get(dimension);
    }

    /** Copies the vector into an array, from {@code offset} on. */
    public void copyTo(float[] target, int offset) {
        view.copyTo(target, offset);
    }

    /** A copy of the vector. */
    public float[] toArray() {
        return view.toArray();
    }
}
