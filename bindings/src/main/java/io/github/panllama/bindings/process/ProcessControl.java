package io.github.panllama.bindings.process;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a child process does with itself by the C library's own calls. Nothing here needs llama.cpp. */
public final class ProcessControl {
    /** Of 1000: the kernel takes the child before any other process of the user when memory runs out. */
    private static final String FIRST_TO_GO = "800";

    private ProcessControl() {}

    /**
     * Ends the process now: no shutdown hook, no destructor of a library, and so no crash in one while another thread
     * still computes. ({@code _exit})
     *
     * @param code the exit code
     */
    public static void exit(int code) {
        try {
            Optional<MemorySegment> symbol =
                    Linker.nativeLinker().defaultLookup().find("_exit");
            if (symbol.isPresent()) {
                MethodHandle exit = Linker.nativeLinker()
                        .downcallHandle(symbol.get(), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
                exit.invokeExact(code);
            }
        } catch (Throwable e) {
            // Then by Java's own way, which is less quick.
        }
        Runtime.getRuntime().halt(code);
    }

    /**
     * Leaves the parent's process group, so that an interrupt typed at a terminal reaches the parent alone. Does nothing
     * where there are no such groups. ({@code setpgid})
     */
    public static void leaveGroup() {
        try {
            Optional<MemorySegment> symbol =
                    Linker.nativeLinker().defaultLookup().find("setpgid");
            if (symbol.isPresent()) {
                MethodHandle leave = Linker.nativeLinker()
                        .downcallHandle(
                                symbol.get(),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
                int _ = (int) leave.invokeExact(0, 0);
            }
        } catch (Throwable e) {
            // It then gets the interrupts of its parent, and ends with it.
        }
    }

    /** Offers this process to the kernel of Linux when memory runs out, so that its parent is spared. */
    public static void offerWhenMemoryIsShort() {
        Path file = Path.of("/proc/self/oom_score_adj");
        if (Files.isWritable(file)) {
            try {
                Files.writeString(file, FIRST_TO_GO);
            } catch (IOException e) {
                // Some containers forbid it. The kernel then chooses by size, as for all others.
            }
        }
    }
}
