package io.github.panllama.cli;

import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Types by the names that people write. */
final class TypeNames {
    private TypeNames() {}

    static QuantizationType recipe(String name) {
        return QuantizationType.byName(name)
                .orElseThrow(() -> new UsageException(
                        "TYPE is %s; `panllama quantize --list` shows what it may be".formatted(name)));
    }

    static GgmlType tensor(String name) {
        return Arrays.stream(GgmlType.values())
                .filter(type -> type.ggmlName().equalsIgnoreCase(name))
                .filter(QuantizationOptions::canQuantizeTo)
                .findFirst()
                .orElseThrow(() -> new UsageException("%s is no type of tensors; there are %s"
                        .formatted(
                                name,
                                Arrays.stream(GgmlType.values())
                                        .filter(QuantizationOptions::canQuantizeTo)
                                        .map(GgmlType::ggmlName)
                                        .collect(Collectors.joining(", ")))));
    }

    /** Such as {@code u32} or {@code string}. */
    static String of(GgufType type) {
        return switch (type) {
            case UINT8 -> "u8";
            case INT8 -> "i8";
            case UINT16 -> "u16";
            case INT16 -> "i16";
            case UINT32 -> "u32";
            case INT32 -> "i32";
            case UINT64 -> "u64";
            case INT64 -> "i64";
            case FLOAT32 -> "f32";
            case FLOAT64 -> "f64";
            case BOOL -> "bool";
            case STRING -> "string";
            case ARRAY -> "array";
        };
    }

    static GgufType value(String name) {
        return Arrays.stream(GgufType.values())
                .filter(type -> type != GgufType.ARRAY)
                .filter(type -> of(type).equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "--type is %s, must be one of u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, bool, string, with [] behind it for a list"
                                .formatted(name)));
    }
}
