package io.github.panllama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Run as a process of its own: plans and makes contexts where the system starts no more native threads. */
final class ManyThreads {
    static final int THREADS = 8;

    /** Of {@code pthread_attr_t}, and more. */
    private static final int ATTRIBUTES = 128;
    /** More than two of these are larger than any process. */
    private static final long STACK = 1L << 46;

    private ManyThreads() {}

    public static void main(String[] arguments) throws Throwable {
        Path file = Path.of(arguments[0]);
        ContextOptions many = TestModels.context(256).threads(THREADS).build();
        ContextOptions single = TestModels.context(256).build();
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build())) {
            wantLargeStacks();
            MemoryPlan plan = MemoryPlan.of(file, TestModels.cpu().build(), many);
            System.out.println("planned " + plan.contextSize());
            try (LlamaContext context = model.newContext(many)) {
                System.out.println("made one of " + context.contextSize());
            } catch (LlamaException e) {
                System.out.println(e.getMessage());
            }
            try (LlamaContext context = model.newContext(single)) {
                System.out.println("computed " + TestModels.evaluate(context, 0, 0, 1, 2).length);
            }
        }
    }

    /** From now on a native thread that does not say how large its stack is does not start. */
    private static void wantLargeStacks() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, Long.BYTES);
            call("pthread_attr_init", attributes);
            MethodHandle size = handle("pthread_attr_setstacksize", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
            if ((int) size.invokeExact(attributes, STACK) != 0) {
                throw new AssertionError("No such size of a stack");
            }
            call("pthread_setattr_default_np", attributes);
        }
    }

    private static void call(String name, MemorySegment attributes) throws Throwable {
        if ((int) handle(name, ValueLayout.ADDRESS).invokeExact(attributes) != 0) {
            throw new AssertionError(name + " failed");
        }
    }

    private static MethodHandle handle(String name, ValueLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }
}
