package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What a loaded model says in words: its metadata, its description, its templates, its labels. */
final class ModelTexts {
    private final Handle handle;
    private final ModelFiles files;
    private final MetadataOverrides overrides;

    ModelTexts(Handle handle, ModelFiles files) {
        this.handle = handle;
        this.files = files;
        this.overrides = files.overrides();
    }

    /** Architecture, size and type in one line. */
    String description() {
        return text((buffer, size) -> LlamaC.llama_model_desc(handle.pointer(), buffer, size))
                .orElse("");
    }

    /** The type of most weights. */
    String fileType() {
        return Natives.string(LlamaC.llama_ftype_name(LlamaC.llama_model_ftype(handle.pointer())));
    }

    /** The labels of a classifier's outputs. */
    List<String> classifierLabels() {
        MemorySegment model = handle.pointer();
        try (Handle.Hold _ = handle.hold()) {
            return classifierLabels(model);
        }
    }

    private static List<String> classifierLabels(MemorySegment model) {
        return IntStream.range(0, LlamaC.llama_model_n_cls_out(model))
                .mapToObj(i -> Natives.string(LlamaC.llama_model_cls_label(model, i)))
                .filter(label -> !label.isEmpty())
                .toList();
    }

    /** The model's own chat template. */
    Optional<String> chatTemplate() {
        try (Handle.Hold _ = handle.hold()) {
            return nonEmpty(LlamaC.llama_model_chat_template(handle.pointer(), MemorySegment.NULL));
        }
    }

    /** A named chat template. */
    Optional<String> chatTemplate(String name) {
        Check.text("name", name);
        try (Arena arena = Arena.ofConfined();
                Handle.Hold _ = handle.hold()) {
            return nonEmpty(LlamaC.llama_model_chat_template(handle.pointer(), arena.allocateFrom(name)));
        }
    }

    /** The scalar metadata, overrides applied, in the order of the file. */
    Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < LlamaC.llama_model_meta_count(handle.pointer()); i++) {
            int index = i;
            Optional<String> key =
                    text((buffer, size) -> LlamaC.llama_model_meta_key_by_index(handle.pointer(), index, buffer, size));
            Optional<String> value = text(
                    (buffer, size) -> LlamaC.llama_model_meta_val_str_by_index(handle.pointer(), index, buffer, size));
            key.ifPresent(name -> metadata.put(
                    name, overrides.text(name, files.metadata()).or(() -> value).orElse("")));
        }
        return Collections.unmodifiableMap(metadata);
    }

    /** One value of the metadata. */
    Optional<String> metadata(String key) {
        Check.text("key", key);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(key);
            Optional<String> value =
                    text((buffer, size) -> LlamaC.llama_model_meta_val_str(handle.pointer(), name, buffer, size));
            return overrides.text(key, files.metadata()).or(() -> value);
        }
    }

    /** A C function that writes text like {@code snprintf}: answers the full length, or a negative number. */
    private interface TextWriter {
        int write(MemorySegment buffer, long size);
    }

    private static Optional<String> text(TextWriter writer) {
        try (Arena arena = Arena.ofConfined()) {
            int size = 256;
            while (true) {
                MemorySegment buffer = arena.allocate(size);
                int length = writer.write(buffer, size);
                if (length < 0) {
                    return Optional.empty();
                }
                if (length < size) {
                    return Optional.of(buffer.getString(0));
                }
                size = length + 1;
            }
        }
    }

    private static Optional<String> nonEmpty(MemorySegment pointer) {
        return Optional.of(Natives.string(pointer)).filter(text -> !text.isEmpty());
    }
}
