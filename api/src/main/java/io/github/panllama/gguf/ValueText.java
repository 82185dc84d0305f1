package io.github.panllama.gguf;

import java.util.List;

/** Values from text. */
final class ValueText {
    private ValueText() {}

    static GgufValue parse(GgufType type, String text) {
        return switch (type) {
            case ARRAY -> throw new IllegalArgumentException("an array is not one text");
            case STRING -> GgufValue.text(text);
            case BOOL -> GgufValue.bool(bool(text));
            case FLOAT32, FLOAT64 -> real(type, text);
            default -> new GgufValue.Whole(type, whole(type, text));
        };
    }

    static GgufValue.Array parseAll(GgufType type, List<String> texts) {
        return switch (type) {
            case ARRAY -> throw new IllegalArgumentException("an array of arrays is not a list of texts");
            case STRING -> GgufValue.texts(texts);
            case BOOL ->
                GgufValue.wholes(
                        type,
                        texts.stream().mapToLong(text -> bool(text) ? 1 : 0).toArray());
            case FLOAT64 ->
                GgufValue.float64s(texts.stream()
                        .mapToDouble(text -> real(type, text).value())
                        .toArray());
            case FLOAT32 -> {
                float[] values = new float[texts.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) real(type, texts.get(i)).value();
                }
                yield GgufValue.float32s(values);
            }
            default ->
                GgufValue.wholes(
                        type,
                        texts.stream().mapToLong(text -> whole(type, text)).toArray());
        };
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("\"%s\" is neither true nor false".formatted(text));
        };
    }

    private static GgufValue.Real real(GgufType type, String text) {
        try {
            GgufValue.Real value = new GgufValue.Real(type, Double.parseDouble(text));
            if (Double.isInfinite(value.value()) && !text.contains("Infinity")) {
                throw new IllegalArgumentException("%s is outside %s".formatted(text, type));
            }
            return value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"%s\" is no %s".formatted(text, type), e);
        }
    }

    private static long whole(GgufType type, String text) {
        try {
            return new GgufValue.Whole(
                            type, type == GgufType.UINT64 ? Long.parseUnsignedLong(text) : Long.parseLong(text))
                    .value();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"%s\" is no %s".formatted(text, type), e);
        }
    }
}
