package io.github.panllama;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.Function;

/** A row of floats in native memory that can be read until its context decodes again. */
final class FloatView {
    private final Outputs outputs;
    private final MemorySegment floats;
    private final int size;
    private final long generation;

    FloatView(Outputs outputs, MemorySegment floats, int size, long generation) {
        this.outputs = outputs;
        this.floats = floats;
        this.size = size;
        this.generation = generation;
    }

    int size() {
        return size;
    }

    float get(int index) {
        Check.index("index", index, size);
        outputs.enterRead(generation);
        try {
            return floats.getAtIndex(ValueLayout.JAVA_FLOAT, index);
        } finally {
            outputs.exitRead();
        }
    }

    void copyTo(float[] target, int offset) {
        Objects.checkFromIndexSize(offset, size, target.length);
        outputs.enterRead(generation);
        try {
            MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT, 0, target, offset, size);
        } finally {
            outputs.exitRead();
        }
    }

    /** Lets a native function read the floats. */
    <T> T read(Function<MemorySegment, T> reader) {
        outputs.enterRead(generation);
        try {
            return reader.apply(floats);
        } finally {
            outputs.exitRead();
        }
    }

    float[] toArray() {
        float[] copy = new float[size];
        copyTo(copy, 0);
        return copy;
    }
}
