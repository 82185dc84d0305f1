package io.github.panllama.gguf;

import java.util.List;
import java.util.Objects;

/** A typed metadata value. Immutable. */
public sealed interface GgufValue {
    /**
     * The type that the value has in a file.
     *
     * @return the type
     */
    GgufType type();

    /**
     * A number of one of the eight integer types.
     *
     * @param type an integer type
     * @param value the number; the bits of an unsigned one for {@link GgufType#UINT64}
     */
    record Whole(GgufType type, long value) implements GgufValue {
        /** Checks that the type is an integer type and that the number is in its range. */
        public Whole {
            if (!type.isInteger()) {
                throw new IllegalArgumentException(type + " is not an integer type");
            }
            if (value < type.minimum() || value > type.maximum()) {
                throw new IllegalArgumentException(
                        value + " is outside " + type + " (" + type.minimum() + " to " + type.maximum() + ")");
            }
        }

        @Override
        public String toString() {
            return type == GgufType.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
        }
    }

    /**
     * A floating-point number.
     *
     * @param type {@link GgufType#FLOAT32} or {@link GgufType#FLOAT64}
     * @param value the number, rounded to single precision for {@code FLOAT32}
     */
    record Real(GgufType type, double value) implements GgufValue {
        /** Checks the type and rounds to it. */
        public Real {
            if (type != GgufType.FLOAT32 && type != GgufType.FLOAT64) {
                throw new IllegalArgumentException(type + " is not a floating-point type");
            }
            float rounded = (float) value;
            value = type == GgufType.FLOAT32 ? rounded : value;
        }

        @Override
        public String toString() {
            return type == GgufType.FLOAT32 ? Float.toString((float) value) : Double.toString(value);
        }
    }

    /**
     * A truth value.
     *
     * @param value the value
     */
    record Bool(boolean value) implements GgufValue {
        @Override
        public GgufType type() {
            return GgufType.BOOL;
        }

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /**
     * A string. Bytes of a file that are not UTF-8 have become U+FFFD.
     *
     * @param value the text
     */
    record Text(String value) implements GgufValue {
        /** Refuses {@code null}. */
        public Text {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public GgufType type() {
            return GgufType.STRING;
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** A row of values of one type, held compactly. */
    abstract sealed class Array implements GgufValue permits FixedArray, TextArray, NestedArray {
        Array() {}

        @Override
        public final GgufType type() {
            return GgufType.ARRAY;
        }

        /**
         * The type of every element.
         *
         * @return the type; {@link GgufType#ARRAY} for rows of rows
         */
        public abstract GgufType elementType();

        /**
         * How many elements there are.
         *
         * @return the count
         */
        public abstract int size();

        /**
         * One element.
         *
         * @param index 0 to {@link #size()} - 1
         * @return its value
         * @throws IndexOutOfBoundsException if there is no such element
         */
        public abstract GgufValue get(int index);

        /**
         * One element of an integer or boolean array.
         *
         * @param index 0 to {@link #size()} - 1
         * @return the number; 0 or 1 for a boolean
         * @throws IndexOutOfBoundsException if there is no such element
         * @throws IllegalStateException if the elements are of another kind
         */
        public long longAt(int index) {
            throw new IllegalStateException("elements are " + elementType() + ", not whole numbers");
        }

        /**
         * One element of a numeric array.
         *
         * @param index 0 to {@link #size()} - 1
         * @return the number
         * @throws IndexOutOfBoundsException if there is no such element
         * @throws IllegalStateException if the elements are not numbers
         */
        public double doubleAt(int index) {
            throw new IllegalStateException("elements are " + elementType() + ", not numbers");
        }

        /**
         * One element of a string array.
         *
         * @param index 0 to {@link #size()} - 1
         * @return the text
         * @throws IndexOutOfBoundsException if there is no such element
         * @throws IllegalStateException if the elements are not strings
         */
        public String stringAt(int index) {
            throw new IllegalStateException("elements are " + elementType() + ", not strings");
        }

        /**
         * All elements of an integer array.
         *
         * @return a new Java array
         * @throws IllegalStateException if the elements are of another kind
         * @throws ArithmeticException if one does not fit
         */
        public final int[] toIntArray() {
            int[] result = new int[size()];
            for (int i = 0; i < result.length; i++) {
                result[i] = Math.toIntExact(longAt(i));
            }
            return result;
        }

        /**
         * All elements of a numeric array.
         *
         * @return a new Java array
         * @throws IllegalStateException if the elements are not numbers
         */
        public final float[] toFloatArray() {
            float[] result = new float[size()];
            for (int i = 0; i < result.length; i++) {
                result[i] = (float) doubleAt(i);
            }
            return result;
        }

        /**
         * All elements of a string array, decoded as they are asked for.
         *
         * @return an unmodifiable view
         * @throws IllegalStateException if the elements are not strings
         */
        public final List<String> strings() {
            if (elementType() != GgufType.STRING) {
                throw new IllegalStateException("elements are " + elementType() + ", not strings");
            }
            return new StringsView(this);
        }

        @Override
        public final String toString() {
            var text = new StringBuilder()
                    .append(elementType())
                    .append('[')
                    .append(size())
                    .append("] {");
            int shown = Math.min(size(), 8);
            for (int i = 0; i < shown; i++) {
                text.append(i == 0 ? "" : ", ").append(get(i));
            }
            return text.append(shown < size() ? ", …}" : "}").toString();
        }
    }

    /**
     * An unsigned 8-bit value.
     *
     * @param value 0 to 255
     * @return the value
     */
    static GgufValue uint8(int value) {
        return new Whole(GgufType.UINT8, value);
    }

    /**
     * An unsigned 32-bit value, the type of most figures in a model file.
     *
     * @param value 0 to 4,294,967,295
     * @return the value
     */
    static GgufValue uint32(long value) {
        return new Whole(GgufType.UINT32, value);
    }

    /**
     * A signed 32-bit value.
     *
     * @param value the number
     * @return the value
     */
    static GgufValue int32(int value) {
        return new Whole(GgufType.INT32, value);
    }

    /**
     * An unsigned 64-bit value.
     *
     * @param bits the number, or its bits if it is above {@link Long#MAX_VALUE}
     * @return the value
     */
    static GgufValue uint64(long bits) {
        return new Whole(GgufType.UINT64, bits);
    }

    /**
     * A signed 64-bit value.
     *
     * @param value the number
     * @return the value
     */
    static GgufValue int64(long value) {
        return new Whole(GgufType.INT64, value);
    }

    /**
     * A single-precision value.
     *
     * @param value the number
     * @return the value
     */
    static GgufValue float32(float value) {
        return new Real(GgufType.FLOAT32, value);
    }

    /**
     * A double-precision value.
     *
     * @param value the number
     * @return the value
     */
    static GgufValue float64(double value) {
        return new Real(GgufType.FLOAT64, value);
    }

    /**
     * A truth value.
     *
     * @param value the value
     * @return the value
     */
    static GgufValue bool(boolean value) {
        return new Bool(value);
    }

    /**
     * A string.
     *
     * @param value the text
     * @return the value
     */
    static GgufValue text(String value) {
        return new Text(value);
    }

    /**
     * An array of whole numbers or booleans.
     *
     * @param elementType an integer type or {@link GgufType#BOOL}
     * @param values the numbers, copied
     * @return the array
     * @throws IllegalArgumentException if a number is out of the type's range
     */
    static Array wholes(GgufType elementType, long... values) {
        return FixedArray.of(elementType, values);
    }

    /**
     * An array of signed 32-bit numbers.
     *
     * @param values the numbers, copied
     * @return the array
     */
    static Array int32s(int... values) {
        return FixedArray.of(values);
    }

    /**
     * An array of single-precision numbers.
     *
     * @param values the numbers, copied
     * @return the array
     */
    static Array float32s(float... values) {
        return FixedArray.of(values);
    }

    /**
     * An array of double-precision numbers.
     *
     * @param values the numbers, copied
     * @return the array
     */
    static Array float64s(double... values) {
        return FixedArray.of(values);
    }

    /**
     * An array of strings.
     *
     * @param values the texts, copied
     * @return the array
     */
    static Array texts(List<String> values) {
        return TextArray.of(values);
    }

    /**
     * An array of arrays. llama.cpp itself reads no such array.
     *
     * @param values the arrays, copied
     * @return the array
     */
    static Array arrays(List<Array> values) {
        return new NestedArray(List.copyOf(values));
    }

    /**
     * A number, truth value or string that was written as text.
     *
     * @param type any type but {@link GgufType#ARRAY}
     * @param text a whole number, a real number, {@code true} or {@code false}, or any text for a string
     * @return the value
     * @throws IllegalArgumentException if the text is none of the type, or out of its range
     */
    static GgufValue parse(GgufType type, String text) {
        return ValueText.parse(type, text);
    }

    /**
     * An array whose elements were written as texts.
     *
     * @param elementType any type but {@link GgufType#ARRAY}
     * @param texts the elements, as {@link #parse} takes them
     * @return the array
     * @throws IllegalArgumentException if a text is none of the type, or out of its range
     */
    static Array parseAll(GgufType elementType, List<String> texts) {
        return ValueText.parseAll(elementType, texts);
    }
}
