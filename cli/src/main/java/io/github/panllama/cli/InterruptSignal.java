package io.github.panllama.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C that does something else than to end the JVM, until it is closed. By reflection, because the compiler warns of
 * the JDK's class for it; where that class is missing, Ctrl-C ends the program as usual.
 */
final class InterruptSignal implements AutoCloseable {
    private final @Nullable Object previous;

    private InterruptSignal(@Nullable Object previous) {
        this.previous = previous;
    }

    @SuppressWarnings("ReferenceEquality") // what a proxy is equal to
    static InterruptSignal handle(Runnable action) {
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    InterruptSignal.class.getClassLoader(),
                    new Class<?>[] {handlerType},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                            return null;
                        }
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(proxy);
                            case "equals" -> proxy == arguments[0];
                            default -> "Ctrl-C";
                        };
                    });
            return new InterruptSignal(install(handler));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return new InterruptSignal(null);
        }
    }

    private static Object install(Object handler) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        return handle.invoke(null, signalType.getConstructor(String.class).newInstance("INT"), handler);
    }

    @Override
    public void close() {
        if (previous != null) {
            try {
                install(previous);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("Ctrl-C cannot be given back to the JVM", e);
            }
        }
    }
}
