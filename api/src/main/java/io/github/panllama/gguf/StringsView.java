package io.github.panllama.gguf;

import java.util.AbstractList;
import java.util.RandomAccess;

/** The strings of an array as a list that decodes on demand. */
final class StringsView extends AbstractList<String> implements RandomAccess {
    private final GgufValue.Array array;

    StringsView(GgufValue.Array array) {
        this.array = array;
    }

    @Override
    public String get(int index) {
        return array.stringAt(index);
    }

    @Override
    public int size() {
        return array.size();
    }
}
