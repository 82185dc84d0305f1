package io.github.panllama.chat;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What makes JSON schemas of Java types, and Java values of JSON. The API itself has no JSON library: one is plugged in
 * as a service, and {@code panllama-json} is the one that comes with panllama.
 *
 * <p><b>Threads.</b> Implementations may be shared.
 */
public interface JsonBinding {
    /**
     * The JSON schema of a type, with its {@linkplain Description descriptions}.
     *
     * @param type such as a class, or a {@code List} of one
     * @throws IllegalArgumentException if the type, or one within, cannot be bound; the message names both
     */
    String schema(Type type);

    /**
     * The JSON schema of a method's arguments: an object with a property for each parameter.
     *
     * @throws IllegalArgumentException if a parameter's type cannot be bound, or its name is not in the class file
     */
    String schema(Method method);

    /**
     * Reads a value.
     *
     * @param json a whole JSON text
     * @param type what it is read as
     * @throws StructuredOutputException if the text is no JSON, or not of that type
     * @throws IllegalArgumentException if the type, or one within, cannot be bound
     */
    Object read(String json, Type type);

    /**
     * Reads the arguments of a method, in the order of its parameters; {@code null} for one that may be left out and is.
     *
     * @param json an object, as {@link #schema(Method)} describes it
     * @throws StructuredOutputException if the text is no JSON, or not of that schema
     * @throws IllegalArgumentException if a parameter cannot be bound
     */
    List<@Nullable Object> read(String json, Method method);

    /**
     * Writes a value as JSON, in one line.
     *
     * @throws IllegalArgumentException if the value, or one within, cannot be written
     */
    String write(@Nullable Object value);

    /**
     * The binding that is on the class path or module path.
     *
     * @throws IllegalStateException if there is none; the message names the dependency to add
     */
    static JsonBinding load() {
        ClassLoader own = JsonBinding.class.getClassLoader();
        ClassLoader callers = Thread.currentThread().getContextClassLoader();
        return Stream.of(callers, own)
                .filter(Objects::nonNull)
                .flatMap(loader -> ServiceLoader.load(JsonBinding.class, loader).findFirst().stream())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "There is no JSON binding on the class path or module path: add the dependency"
                                + " io.github.panllama:panllama-json"));
    }
}
