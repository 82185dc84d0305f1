package io.github.panllama.abuse;

import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;

/** {@code null} for every parameter of every public method and constructor that does not allow it. */
final class NullCases {
    private NullCases() {}

    static void register(AbuseCases cases) {
        cases.family("null");
        for (Class<?> type : PublicApi.classes()) {
            for (Executable member : PublicApi.members(type)) {
                if (!isObjectMethod(member) && !isElsewhere(type, member)) {
                    register(cases, member);
                }
            }
        }
    }

    /** Enums take no part; an exception may have any message; an open interface's method is its implementer's. */
    static boolean isElsewhere(Class<?> type, Executable member) {
        return type.isEnum()
                || Throwable.class.isAssignableFrom(type)
                || (type.isInterface() && !type.isSealed() && Modifier.isAbstract(member.getModifiers()));
    }

    private static void register(AbuseCases cases, Executable member) {
        Parameter[] parameters = member.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].getType().isPrimitive() || isNullable(parameters[i])) {
                continue;
            }
            int index = i;
            cases.rejectsAny(
                    PublicApi.describe(member) + " parameter " + i,
                    List.of(NullPointerException.class, IllegalArgumentException.class),
                    fixture -> call(fixture, member, index));
        }
    }

    private static void call(AbuseFixture fixture, Executable member, int index) throws Throwable {
        try (Samples samples = new Samples(fixture)) {
            PublicCall.with(samples, member, index, null);
        }
    }

    private static boolean isNullable(Parameter parameter) {
        return Arrays.stream(parameter.getAnnotatedType().getAnnotations())
                .anyMatch(annotation ->
                        annotation.annotationType().getSimpleName().equals("Nullable"));
    }

    static boolean isObjectMethod(Executable member) {
        return switch (member.getName()) {
            case "equals", "hashCode", "toString" -> true;
            default -> false;
        };
    }
}
