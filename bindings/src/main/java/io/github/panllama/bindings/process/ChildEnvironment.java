package io.github.panllama.bindings.process;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a child process inherits of the environment: what the system, drivers and llama.cpp read. Keys, tokens and
 * passwords of an application stay with it, and so do options for the JVM, such as those of a debugger or an agent.
 */
public final class ChildEnvironment {
    private static final Set<String> NAMES = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "TZ",
            "TMPDIR",
            "TMP",
            "TEMP",
            "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR",
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "PYTHONPATH",
            "SYSTEMROOT",
            "WINDIR",
            "SYSTEMDRIVE",
            "USERPROFILE",
            "APPDATA",
            "LOCALAPPDATA",
            "PROGRAMDATA",
            "NUMBER_OF_PROCESSORS");

    private static final Set<String> PREFIXES = Set.of(
            "LC_",
            "LD_",
            "DYLD_",
            "PANLLAMA_",
            "GGML_",
            "LLAMA_",
            "CUDA_",
            "NVIDIA_",
            "VK_",
            "ROCR_",
            "HIP_",
            "HSA_",
            "OMP_",
            "KMP_",
            "GOMP_");

    private ChildEnvironment() {}

    /**
     * Whether a variable is passed on.
     *
     * @param name in any case, as on Windows
     */
    public static boolean isInherited(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return NAMES.contains(upper) || PREFIXES.stream().anyMatch(upper::startsWith);
    }

    /**
     * Takes everything else out of the environment of a process that is not started yet.
     *
     * @param environment is changed
     */
    public static void restrict(Map<String, String> environment) {
        environment.keySet().removeIf(name -> !isInherited(name));
        // ggml would fork a debugger before it aborts.
        environment.put("GGML_NO_BACKTRACE", "1");
    }
}
