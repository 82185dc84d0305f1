package io.github.panllama.chat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tools of methods: what {@link Tool#of(Object, Method)} and {@link Tool#methodsOf(Object)} do. */
final class MethodTools {
    private MethodTools() {}

    static List<Tool> tools(Object target, JsonBinding binding) {
        Class<?> type = typeOf(target);
        List<Tool> tools = Arrays.stream(type.getMethods())
                .filter(method -> method.isAnnotationPresent(ToolMethod.class) && !method.isBridge())
                .filter(method -> Modifier.isStatic(method.getModifiers()) || !(target instanceof Class))
                .sorted(Comparator.comparing(Method::getName))
                .map(method -> tool(target, method, binding))
                .toList();
        if (tools.isEmpty()) {
            throw new IllegalArgumentException("%s has no public method with the annotation ToolMethod%s"
                    .formatted(type.getName(), target instanceof Class ? " that is static" : ""));
        }
        Set<String> names = new HashSet<>();
        for (Tool tool : tools) {
            if (!names.add(tool.name())) {
                throw new IllegalArgumentException(
                        "%s has two tools with the name %s".formatted(type.getName(), tool.name()));
            }
        }
        return tools;
    }

    static Tool tool(Object target, Method method, JsonBinding binding) {
        ToolMethod annotation = method.getAnnotation(ToolMethod.class);
        if (annotation == null) {
            throw new IllegalArgumentException("The method %s has no annotation ToolMethod".formatted(method));
        }
        Class<?> type = typeOf(target);
        boolean isStatic = Modifier.isStatic(method.getModifiers());
        if (!method.getDeclaringClass().isAssignableFrom(type) || (!isStatic && target instanceof Class)) {
            throw new IllegalArgumentException(
                    "The method %s cannot be called on %s".formatted(method, describe(target)));
        }
        if (!method.trySetAccessible()) {
            throw new IllegalArgumentException(
                    "The method %s cannot be called: its package must be exported, or opened to the module %s"
                            .formatted(method, MethodTools.class.getModule().getName()));
        }
        ChatTool declaration = new ChatTool(
                annotation.name().isEmpty() ? method.getName() : annotation.name(),
                annotation.description(),
                binding.schema(method));
        Object receiver = isStatic ? null : target;
        return new Tool(
                declaration,
                arguments -> result(
                        binding, invoke(method, receiver, binding.read(arguments, method).toArray())));
    }

    /** What the model is told of a value. */
    static String result(JsonBinding binding, @Nullable Object value) {
        return value instanceof String text ? text : binding.write(value);
    }

    private static Class<?> typeOf(Object target) {
        return Objects.requireNonNull(target, "target") instanceof Class<?> type ? type : target.getClass();
    }

    private static String describe(Object target) {
        return target instanceof Class<?> type ? type.getName() : "a " + target.getClass().getName();
    }

    private static @Nullable Object invoke(Method method, @Nullable Object receiver, @Nullable Object[] arguments)
            throws Exception {
        try {
            return method.invoke(receiver, arguments);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw e;
            }
        }
    }
}
