package io.github.panllama.abuse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What a caller may give by mistake or on purpose, by the type of a parameter. */
final class OddValues {
    private static final String MEGABYTE = "1 MB";
    private static final int MANY = 2_000;

    /**
     * A value.
     *
     * @param name what it is
     * @param hasNull whether {@code null} is in it, which may be refused as such
     * @param maker makes it
     */
    record Odd(String name, boolean hasNull, Maker maker) {
        boolean isLarge() {
            return name.equals(MEGABYTE) || name.equals("many");
        }
    }

    /** Code that makes a value. */
    @FunctionalInterface
    interface Maker {
        Object make(Samples samples) throws Exception;
    }

    private OddValues() {}

    /** The values of a type; none for a type of which none is odd. */
    static List<Odd> of(Type type) {
        List<Odd> odd = new ArrayList<>();
        if (type instanceof Class<?> raw && raw.isEnum()) {
            Object[] constants = raw.getEnumConstants();
            Arrays.stream(constants).skip(1).forEach(constant -> odd.add(value(constant.toString(), constant)));
        } else if (type instanceof Class<?> raw) {
            numbers(raw, odd);
            texts(raw, odd);
            arrays(raw, odd);
            times(raw, odd);
            streams(raw, odd);
            OddObjects.add(raw, odd);
        } else if (type instanceof ParameterizedType generic) {
            collections(generic, odd);
        }
        return odd;
    }

    static Odd value(String name, Object value) {
        return made(name, samples -> value);
    }

    static Odd made(String name, Maker maker) {
        return new Odd(name, false, maker);
    }

    private static Odd withNull(String name, Object value) {
        return new Odd(name, true, samples -> value);
    }

    private static void numbers(Class<?> type, List<Odd> odd) {
        if (type == int.class) {
            for (int value : new int[] {Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE}) {
                odd.add(value(Integer.toString(value), value));
            }
        } else if (type == long.class) {
            for (long value : new long[] {Long.MIN_VALUE, -1, 0, 1, 1L << 32, Long.MAX_VALUE}) {
                odd.add(value(Long.toString(value), value));
            }
        } else if (type == float.class) {
            for (float value : reals()) {
                odd.add(value(Float.toString(value), value));
            }
        } else if (type == double.class) {
            for (float value : reals()) {
                odd.add(value(Float.toString(value), (double) value));
            }
            odd.add(value("the largest", Double.MAX_VALUE));
        }
    }

    private static float[] reals() {
        return new float[] {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            -Float.MAX_VALUE,
            -1,
            -0f,
            0,
            Float.MIN_VALUE,
            1,
            Float.MAX_VALUE
        };
    }

    private static void texts(Class<?> type, List<Odd> odd) {
        if (type == String.class) {
            odd.add(value("empty", ""));
            odd.add(value("NUL", "\0"));
            odd.add(value("NUL inside", "a\0b"));
            odd.add(value("first half of a pair", "a\ud83d"));
            odd.add(value("second half of a pair", "\ude00a"));
            odd.add(value("format", "%s%d%n"));
            odd.add(value("a path up", "../../a"));
            odd.add(made(MEGABYTE, samples -> "a text, {\"b\": [1]} \u00e9\n".repeat((1 << 20) / 24)));
        } else if (type == String[].class) {
            odd.add(value("none", new String[0]));
            odd.add(value("an empty one", new String[] {""}));
            odd.add(value("half of a pair", new String[] {"\ud83d"}));
            odd.add(withNull("null inside", new String[] {"a", null}));
            odd.add(made("many", samples -> Collections.nCopies(MANY, "text").toArray(String[]::new)));
        }
    }

    private static void arrays(Class<?> type, List<Odd> odd) {
        if (type == byte[].class) {
            odd.add(value("none", new byte[0]));
            odd.add(made(MEGABYTE, samples -> new byte[1 << 20]));
        } else if (type == int[].class) {
            odd.add(value("none", new int[0]));
            odd.add(value("largest", new int[] {Integer.MAX_VALUE}));
            odd.add(value("smallest", new int[] {Integer.MIN_VALUE}));
            odd.add(value("-1 at the end", new int[] {1, 2, -1}));
            odd.add(made("many", samples -> new int[100_000]));
        } else if (type == long[].class) {
            odd.add(value("none", new long[0]));
            odd.add(value("0", new long[] {0}));
            odd.add(value("-1", new long[] {-1}));
            odd.add(value("largest", new long[] {Long.MAX_VALUE}));
            odd.add(value("overflow", new long[] {Long.MAX_VALUE, Long.MAX_VALUE}));
            odd.add(value("five", new long[] {32, 1, 1, 1, 2}));
        } else if (type == float[].class) {
            odd.add(value("none", new float[0]));
            odd.add(value("one", new float[] {1}));
            odd.add(made("NaN", samples -> filled(Float.NaN)));
            odd.add(made("infinity", samples -> filled(Float.POSITIVE_INFINITY)));
            odd.add(made("many", samples -> new float[1 << 20]));
        } else if (type == double[].class) {
            odd.add(value("none", new double[0]));
            odd.add(value("NaN", new double[] {Double.NaN}));
            odd.add(value("largest", new double[] {Double.MAX_VALUE}));
        } else if (type == int[][].class) {
            odd.add(value("none", new int[0][]));
            odd.add(value("none in each", new int[2][0]));
            odd.add(withNull("null inside", new int[2][]));
        } else if (type == float[][].class) {
            odd.add(value("none", new float[0][]));
            odd.add(value("none in each", new float[2][0]));
            odd.add(withNull("null inside", new float[2][]));
            odd.add(value("unequal", new float[][] {new float[64], new float[1]}));
        }
    }

    private static float[] filled(float value) {
        float[] values = new float[64];
        Arrays.fill(values, value);
        return values;
    }

    private static void times(Class<?> type, List<Odd> odd) {
        if (type == Duration.class) {
            odd.add(value("negative", Duration.ofMillis(-1)));
            odd.add(value("a nanosecond", Duration.ofNanos(1)));
            odd.add(value("shortest", Duration.ofSeconds(Long.MIN_VALUE)));
            odd.add(value("longest", Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)));
        } else if (type == LocalDateTime.class) {
            odd.add(value("first", LocalDateTime.MIN));
            odd.add(value("last", LocalDateTime.MAX));
        } else if (type == OptionalInt.class) {
            for (int value : new int[] {Integer.MIN_VALUE, -1, Integer.MAX_VALUE}) {
                odd.add(value(Integer.toString(value), OptionalInt.of(value)));
            }
        } else if (type == Path.class) {
            odd.add(made("not there", samples -> samples.fixture().newFile()));
            odd.add(made(
                    "a folder",
                    samples -> Files.createDirectory(samples.fixture().newFile())));
            odd.add(made(
                    "an empty file",
                    samples -> Files.createFile(samples.fixture().newFile())));
            odd.add(made("inside a file", samples -> samples.fixture().file().resolve("a")));
            odd.add(made("in no folder", samples -> samples.fixture().newFile().resolve("a")));
            odd.add(made("too long a name", samples -> samples.fixture().file("a".repeat(300))));
            odd.add(made("a link to itself", samples -> {
                Path link = samples.fixture().newFile();
                return Files.createSymbolicLink(link, link);
            }));
        }
    }

    private static void streams(Class<?> type, List<Odd> odd) {
        if (type == InputStream.class) {
            odd.add(made("nothing", samples -> new ByteArrayInputStream(new byte[0])));
            odd.add(made("zeros", samples -> new ByteArrayInputStream(new byte[1 << 16])));
            odd.add(made("fails", samples -> new FailingInput()));
        } else if (type == OutputStream.class) {
            odd.add(made("fails", samples -> new FailingOutput()));
        } else if (type == IntConsumer.class) {
            odd.add(made("throws", samples -> (IntConsumer) token -> {
                throw new IllegalStateException("thrown on purpose");
            }));
        } else if (type == IntPredicate.class) {
            odd.add(made("never", samples -> (IntPredicate) token -> false));
            odd.add(made("throws", samples -> (IntPredicate) token -> {
                throw new IllegalStateException("thrown on purpose");
            }));
        }
    }

    private static void collections(ParameterizedType type, List<Odd> odd) {
        Type[] elements = type.getActualTypeArguments();
        if (type.getRawType() == List.class) {
            odd.add(value("none", List.of()));
            odd.add(withNull("null inside", new ArrayList<@Nullable Object>(Arrays.asList(null, null))));
            if (Samples.knows(elements[0])) {
                odd.add(made("many", samples -> Collections.nCopies(MANY, samples.value(elements[0]))));
                odd.add(new Odd("null at the end", true, samples -> Arrays.asList(samples.value(elements[0]), null)));
            }
        } else if (type.getRawType() == Map.class) {
            odd.add(value("none", Map.of()));
            Map<@Nullable Object, @Nullable Object> nulls = new HashMap<>();
            nulls.put(null, null);
            odd.add(withNull("null inside", nulls));
        } else if (type.getRawType() == Optional.class) {
            odd.add(value("nothing", Optional.empty()));
        } else if (type.getRawType() == Consumer.class) {
            odd.add(made("throws", samples -> (Consumer<?>) given -> {
                throw new IllegalStateException("thrown on purpose");
            }));
        }
    }

    private static final class FailingInput extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("read fails on purpose");
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return read();
        }
    }

    private static final class FailingOutput extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            throw new IOException("write fails on purpose");
        }
    }
}
