package io.github.panllama.abuse;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Calls public methods and constructors by reflection, with {@link Samples} for what a case does not choose. */
final class PublicCall {
    private PublicCall() {}

    /**
     * Calls a member with one argument that the case chooses.
     *
     * @throws Throwable what the member throws
     */
    static @Nullable Object with(Samples samples, Executable member, int index, @Nullable Object chosen)
            throws Throwable {
        @Nullable Object[] arguments = arguments(samples, member, index);
        arguments[index] = chosen;
        if (member instanceof Constructor<?> constructor) {
            return unwrapped(() -> constructor.newInstance(arguments));
        }
        Object receiver = Modifier.isStatic(member.getModifiers()) ? null : samples.value(member.getDeclaringClass());
        return on(receiver, (Method) member, arguments);
    }

    /** Calls a method of an object. */
    static @Nullable Object on(@Nullable Object receiver, Method method, @Nullable Object... arguments)
            throws Throwable {
        return unwrapped(() -> method.invoke(receiver, arguments));
    }

    /** Samples for all parameters. */
    static @Nullable Object[] arguments(Samples samples, Executable member) throws Exception {
        return arguments(samples, member, -1);
    }

    private static @Nullable Object[] arguments(Samples samples, Executable member, int leftOut) throws Exception {
        Type[] types = member.getGenericParameterTypes();
        @Nullable Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = i == leftOut ? null : samples.value(types[i]);
        }
        return arguments;
    }

    private static @Nullable Object unwrapped(Reflective call) throws Throwable {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } catch (IllegalArgumentException e) {
            throw new AssertionError("the case has arguments of a wrong type", e);
        }
    }

    /** A call by reflection. */
    @FunctionalInterface
    private interface Reflective {
        @Nullable
        Object run() throws ReflectiveOperationException;
    }
}
