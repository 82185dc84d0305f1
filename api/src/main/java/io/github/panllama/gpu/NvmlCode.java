package io.github.panllama.gpu;

import io.github.panllama.bindings.NvmlLibrary;
import io.github.panllama.bindings.gen.nvml.NvmlC;
import io.github.panllama.gpu.GpuMonitorException.Reason;

/** What codes of NVML mean for a caller. */
final class NvmlCode {
    private NvmlCode() {}

    /** The library's words for a code, and the code. */
    static String describe(NvmlLibrary library, int code) {
        String words = library.errorString(code);
        return words == null ? "NVML code " + code : "%s (NVML code %d)".formatted(words, code);
    }

    /** The exception for a code of a function without which nothing goes. */
    static GpuMonitorException exception(NvmlLibrary library, String function, int code) {
        Reason reason = reason(code);
        return new GpuMonitorException(
                reason,
                "%s: %s says %s (%s)"
                        .formatted(
                                advice(reason, library),
                                function,
                                describe(library, code),
                                "library " + library.path()));
    }

    private static Reason reason(int code) {
        if (code == NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()) {
            return Reason.NO_LIBRARY;
        } else if (code == NvmlC.NVML_ERROR_DRIVER_NOT_LOADED()) {
            return Reason.NO_DRIVER;
        } else if (code == NvmlC.NVML_ERROR_LIB_RM_VERSION_MISMATCH()) {
            return Reason.VERSION_MISMATCH;
        } else if (code == NvmlC.NVML_ERROR_NO_PERMISSION() || code == NvmlC.NVML_ERROR_OPERATING_SYSTEM()) {
            return Reason.NO_PERMISSION;
        }
        return Reason.FAILED;
    }

    private static String advice(Reason reason, NvmlLibrary library) {
        return switch (reason) {
            case NO_LIBRARY -> "%s is no NVML, or one of a driver too old to be asked".formatted(library.path());
            case NO_DRIVER ->
                "NVIDIA's driver is not loaded in the kernel: load it (modprobe nvidia), or start the container with"
                        + " its GPU";
            case VERSION_MISMATCH ->
                "NVIDIA's library and its driver in the kernel are of different versions: restart the machine after an"
                        + " update of the driver, or give the container the library of the machine";
            case NO_PERMISSION ->
                "NVIDIA's cards may not be opened: allow this user or container to open /dev/nvidiactl and"
                        + " /dev/nvidia*";
            case NO_CARD -> "NVIDIA's driver shows no card";
            case FAILED -> "NVIDIA's driver does not answer";
        };
    }
}
