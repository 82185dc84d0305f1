package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Compares values by all their fields, so that a new field cannot be forgotten. */
public final class Fields {
    private Fields() {}

    /**
     * Both have the same in every field, and something in each but the exempted ones: what is empty would be equal by
     * chance.
     */
    public static void assertSame(Object expected, Object actual, Set<String> exempted) {
        assertThat(actual.getClass()).isEqualTo(expected.getClass());
        for (Field field : of(expected)) {
            Object value = value(field, expected);
            if (exempted.contains(field.getName())) {
                continue;
            }
            assertThat(value).as("the sample has no %s", field.getName()).isNotNull();
            assertThat(value(field, actual))
                    .as(field.getName())
                    .usingRecursiveComparison()
                    .isEqualTo(value);
        }
    }

    private static List<Field> of(Object object) {
        return Stream.of(object.getClass().getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .toList();
    }

    private static Object value(Field field, Object of) {
        try {
            field.setAccessible(true);
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
