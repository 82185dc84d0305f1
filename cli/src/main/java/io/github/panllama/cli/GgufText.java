package io.github.panllama.cli;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A GGUF file for people: one line for each key, long values shortened. */
final class GgufText {
    private static final int LONGEST_TEXT = 60;
    private static final int SHOWN_ELEMENTS = 6;

    private final GgufFile file;
    private final Output out;

    GgufText(GgufFile file, Output out) {
        this.file = file;
        this.out = out;
    }

    void print(boolean withTensors) {
        out.println("%s: GGUF version %d, %s, %s parameters"
                .formatted(
                        file.path(),
                        file.version(),
                        Quantity.bytes(file.fileSize()),
                        Quantity.count(file.parameters())));
        out.println("tensor data from byte %d, aligned to %d".formatted(file.dataOffset(), file.alignment()));
        metadata();
        tensorTypes();
        if (withTensors) {
            tensors();
        }
    }

    private void metadata() {
        Map<String, GgufValue> metadata = file.metadata().asMap();
        out.println("");
        out.println("Metadata: %d keys".formatted(metadata.size()));
        int width = metadata.keySet().stream().mapToInt(String::length).max().orElse(0);
        metadata.forEach((key, value) ->
                out.println("  %s  %-9s %s".formatted(pad(printable(key), width), typeName(value), value(value))));
    }

    private void tensorTypes() {
        Map<GgmlType, Long> counts = new EnumMap<>(GgmlType.class);
        Map<GgmlType, Long> bytes = new EnumMap<>(GgmlType.class);
        for (GgufTensor tensor : file.tensors()) {
            counts.merge(tensor.type(), 1L, Long::sum);
            bytes.merge(tensor.type(), tensor.byteSize(), Long::sum);
        }
        out.println("");
        out.println("Tensors: %d".formatted(file.tensors().size()));
        counts.forEach((type, count) -> out.println(
                "  %-8s %5d  %s".formatted(type.ggmlName(), count, Quantity.bytes(bytes.getOrDefault(type, 0L)))));
    }

    private void tensors() {
        List<GgufTensor> tensors = file.tensors();
        int width = tensors.stream()
                .mapToInt(tensor -> tensor.name().length())
                .max()
                .orElse(0);
        out.println("");
        for (GgufTensor tensor : tensors) {
            String shape = tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
            out.println("  %s  %-8s %-20s %10s  at %d"
                    .formatted(
                            pad(printable(tensor.name()), width),
                            tensor.type().ggmlName(),
                            shape,
                            Quantity.bytes(tensor.byteSize()),
                            tensor.offset()));
        }
    }

    private static String typeName(GgufValue value) {
        return value instanceof GgufValue.Array array
                ? "%s[%d]".formatted(lower(array.elementType()), array.size())
                : lower(value.type());
    }

    private static String value(GgufValue value) {
        return switch (value) {
            case GgufValue.Text(String text) -> shorten(text);
            case GgufValue.Array array -> elements(array);
            default -> value.toString();
        };
    }

    private static String elements(GgufValue.Array array) {
        StringBuilder text = new StringBuilder("[");
        int shown = Math.min(array.size(), SHOWN_ELEMENTS);
        for (int i = 0; i < shown; i++) {
            GgufValue element = array.get(i);
            text.append(i == 0 ? "" : ", ").append(element instanceof GgufValue.Array ? "[…]" : value(element));
        }
        return text.append(shown < array.size() ? ", …]" : "]").toString();
    }

    private static String shorten(String text) {
        int length = text.codePointCount(0, text.length());
        return length <= LONGEST_TEXT
                ? Json.write(text)
                : Json.write(text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT)))
                        + "… (%d characters)".formatted(length);
    }

    /** A name as it is, unless it would steer the terminal. */
    static String printable(String name) {
        String quoted = Json.write(name);
        return quoted.length() == name.length() + 2 ? name : quoted;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
