package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Changes the metadata of a GGUF file. Tensors are copied as they are, without being in memory, and keep their order;
 * what is not changed keeps its bytes and its place.
 *
 * <p>Not for use by several threads.
 */
public final class GgufEditor {
    /** Where a model keeps the template of its conversations. */
    public static final String CHAT_TEMPLATE = "tokenizer.chat_template";

    private final GgufFile file;
    private final Map<String, GgufValue> changed = new LinkedHashMap<>();
    private final Map<String, GgufValue> left;

    private GgufEditor(GgufFile file) {
        this.file = file;
        this.left = new LinkedHashMap<>(file.metadata().asMap());
    }

    /**
     * An editor without changes.
     *
     * @param file what to begin with
     * @return the editor
     */
    public static GgufEditor of(GgufFile file) {
        return new GgufEditor(Objects.requireNonNull(file, "file"));
    }

    /**
     * Sets a value, of any type: a key that is there keeps its place, not its type.
     *
     * @param key not empty
     * @param value the value
     * @return this
     * @throws IllegalArgumentException if the key is empty, too long or contains NUL, or the alignment is no power of
     *     two up to 1 MiB
     */
    public GgufEditor set(String key, GgufValue value) {
        GgufWriter.checkEntry(key, value);
        left.put(key, value);
        changed.put(key, value);
        return this;
    }

    /**
     * Takes a key away.
     *
     * @param key a key of the file
     * @return this
     * @throws NoSuchElementException if there is no such key
     */
    public GgufEditor remove(String key) {
        if (left.remove(Objects.requireNonNull(key, "key")) == null) {
            throw new NoSuchElementException(file.path() + " has no key " + key);
        }
        changed.remove(key);
        return this;
    }

    /**
     * Takes over the chat template of another file.
     *
     * @param other a file that has one
     * @return this
     * @throws NoSuchElementException if it has none
     */
    public GgufEditor copyTemplate(GgufFile other) {
        GgufValue template = other.metadata()
                .find(CHAT_TEMPLATE)
                .orElseThrow(() -> new NoSuchElementException(other.path() + " has no key " + CHAT_TEMPLATE));
        return set(CHAT_TEMPLATE, template);
    }

    /**
     * The metadata as it will be.
     *
     * @return the keys and values now
     */
    public GgufMetadata metadata() {
        return new GgufMetadata(left);
    }

    /**
     * Writes the file. It appears under its name only when it is complete, and replaces what was there: so it may be the
     * one that is edited.
     *
     * @param target the file; its folder must exist
     * @throws DiskSpaceException if there is no room for it
     * @throws IOException if reading or writing fails; nothing is left behind then
     */
    public void write(Path target) throws IOException {
        GgufWriter writer = new GgufWriter();
        for (Map.Entry<String, GgufValue> entry : left.entrySet()) {
            if (changed.containsKey(entry.getKey())) {
                writer.put(entry.getKey(), entry.getValue());
            } else {
                writer.copyKey(file, entry.getKey());
            }
        }
        file.tensors().forEach(tensor -> writer.copyTensor(file, tensor));
        writer.write(target);
    }
}
