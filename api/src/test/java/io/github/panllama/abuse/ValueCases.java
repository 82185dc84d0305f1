package io.github.panllama.abuse;

import io.github.panllama.QuantizedTensor;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import java.lang.reflect.Executable;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Every public method and constructor with each of {@link OddValues} for each parameter. What it answers, or the
 * builder that it is a setter of, is then {@linkplain Uses used}: it must be refused at one place or the other, or work.
 */
final class ValueCases {
    /** What some types document besides. */
    private static final Map<Class<?>, List<Class<?>>> ALSO = Map.of(
            GgmlType.class, List.of(ArithmeticException.class),
            GgufTensor.class, List.of(ArithmeticException.class),
            QuantizedTensor.class, List.of(ArithmeticException.class),
            GgufValue.Array.class, List.of(ArithmeticException.class),
            GgufEditor.class, List.of(NoSuchElementException.class));

    private ValueCases() {}

    static void register(AbuseCases cases) {
        cases.family("value");
        for (Class<?> type : PublicApi.classes()) {
            for (Executable member : PublicApi.members(type)) {
                if (!NullCases.isObjectMethod(member) && !NullCases.isElsewhere(type, member)) {
                    register(cases, member);
                }
            }
        }
    }

    private static void register(AbuseCases cases, Executable member) {
        Type[] types = member.getGenericParameterTypes();
        for (int i = 0; i < types.length; i++) {
            int index = i;
            for (OddValues.Odd odd : OddValues.of(types[i])) {
                if (member.getDeclaringClass() == Evaluation.class && odd.isLarge()) {
                    continue; // it is computed, token by token
                }
                List<Class<?>> allowed = new ArrayList<>(Documented.EXCEPTIONS);
                if (odd.hasNull()) {
                    allowed.add(NullPointerException.class);
                }
                allowed.addAll(ALSO.getOrDefault(member.getDeclaringClass(), List.of()));
                cases.livesOr(
                        "%s parameter %d: %s".formatted(PublicApi.describe(member), i, odd.name()),
                        fixture -> call(fixture, member, index, odd),
                        allowed.toArray(Class<?>[]::new));
            }
        }
    }

    private static void call(AbuseFixture fixture, Executable member, int index, OddValues.Odd odd) throws Throwable {
        try (Samples samples = new Samples(fixture)) {
            Object chosen;
            try {
                chosen = odd.maker().make(samples);
            } catch (Exception e) {
                throw new AssertionError("the case has no such value", e);
            }
            Uses.use(samples, PublicCall.with(samples, member, index, chosen));
        }
    }
}
