package io.github.panllama.gguf;

import java.util.List;

/** An array of arrays. */
final class NestedArray extends GgufValue.Array {
    private final List<GgufValue.Array> elements;

    NestedArray(List<GgufValue.Array> elements) {
        this.elements = elements;
    }

    @Override
    public GgufType elementType() {
        return GgufType.ARRAY;
    }

    @Override
    public int size() {
        return elements.size();
    }

    @Override
    public GgufValue.Array get(int index) {
        return elements.get(index);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NestedArray that && elements.equals(that.elements);
    }

    @Override
    public int hashCode() {
        return elements.hashCode();
    }
}
