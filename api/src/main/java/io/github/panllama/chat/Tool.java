package io.github.panllama.chat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A tool that the model may call, and what it does.
 *
 * <p>A result that is a {@code String} is told to the model as it is; any other is written as JSON.
 *
 * <p><b>Threads.</b> May be shared if its function may.
 *
 * @param declaration what the model is told
 * @param function what is called
 */
public record Tool(ChatTool declaration, ToolFunction function) {
    /** Refuses {@code null}. */
    public Tool {
        Objects.requireNonNull(declaration, "declaration");
        Objects.requireNonNull(function, "function");
    }

    /** The name by which the model calls it. */
    public String name() {
        return declaration.name();
    }

    /** A tool that takes its arguments as JSON; needs no JSON library. */
    public static Tool of(ChatTool declaration, ToolFunction function) {
        return new Tool(declaration, function);
    }

    /**
     * A tool that takes its arguments as a record.
     *
     * @param name a word, such as {@code calculator}
     * @param description for the model: what it does
     * @param argumentType its components are the arguments
     * @param function what is called
     * @throws IllegalArgumentException if the record cannot be bound
     * @throws IllegalStateException if there is no {@link JsonBinding}
     */
    public static <A extends Record> Tool of(
            String name, String description, Class<A> argumentType, Function<A, ?> function) {
        Objects.requireNonNull(function, "function");
        JsonBinding binding = JsonBinding.load();
        ChatTool declaration = new ChatTool(name, description, binding.schema(argumentType));
        return new Tool(
                declaration,
                arguments -> MethodTools.result(
                        binding, function.apply(argumentType.cast(binding.read(arguments, argumentType)))));
    }

    /**
     * A tool that is a method with the annotation {@link ToolMethod}.
     *
     * @param target what the method is called on; for a static one, its class
     * @param method a public method of a public class, or one that {@code setAccessible} was called on
     * @throws IllegalArgumentException if the method has no annotation, is not of the target, or has a parameter that
     *     cannot be bound
     * @throws IllegalStateException if there is no {@link JsonBinding}
     */
    public static Tool of(Object target, Method method) {
        return MethodTools.tool(target, method, JsonBinding.load());
    }

    /**
     * The tools of an object: its public methods with the annotation {@link ToolMethod}, inherited ones too, in the
     * order of their names.
     *
     * @throws IllegalArgumentException if there is none, two have one name, or one has a parameter that cannot be bound
     * @throws IllegalStateException if there is no {@link JsonBinding}
     */
    public static List<Tool> methodsOf(Object target) {
        return MethodTools.tools(target, JsonBinding.load());
    }
}
