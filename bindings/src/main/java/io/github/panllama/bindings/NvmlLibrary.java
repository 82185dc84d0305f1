package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.nvml.NvmlC;
import io.github.panllama.bindings.gen.nvml.nvml_device_kind_function;
import io.github.panllama.bindings.gen.nvml.nvml_device_pair_function;
import io.github.panllama.bindings.gen.nvml.nvml_device_processes_function;
import io.github.panllama.bindings.gen.nvml.nvml_device_text_function;
import io.github.panllama.bindings.gen.nvml.nvml_device_value_function;
import io.github.panllama.bindings.gen.nvml.nvml_error_function;
import io.github.panllama.bindings.gen.nvml.nvml_index_function;
import io.github.panllama.bindings.gen.nvml.nvml_number_function;
import io.github.panllama.bindings.gen.nvml.nvml_plain_function;
import io.github.panllama.bindings.gen.nvml.nvml_text_function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * NVML, NVIDIA's management library, opened at run time where there is one. Every method is the C function of its name
 * and answers its code; a function that this driver's library lacks answers {@code NVML_ERROR_FUNCTION_NOT_FOUND}. None
 * of them changes a card.
 *
 * <p><b>Threads.</b> Any number at the same time, as NVML itself allows. The library stays open until the process ends:
 * it keeps threads and handlers of its own, for which unloading is not made.
 */
public final class NvmlLibrary {
    private static final Map<String, NvmlLibrary> OPEN = new ConcurrentHashMap<>();

    private final String path;
    private final SymbolLookup symbols;
    private final MemorySegment init;
    private final MemorySegment shutdown;
    private final MemorySegment errorString;
    private final MemorySegment driverVersion;
    private final MemorySegment cudaDriverVersion;
    private final MemorySegment deviceCount;
    private final MemorySegment deviceByIndex;
    private final MemorySegment deviceName;
    private final MemorySegment deviceUuid;
    private final MemorySegment devicePciInfo;
    private final MemorySegment deviceComputeCapability;
    private final MemorySegment deviceMemory;
    private final MemorySegment deviceMemoryV2;
    private final MemorySegment deviceUtilization;
    private final MemorySegment devicePower;
    private final MemorySegment devicePowerLimit;
    private final MemorySegment deviceEnergy;
    private final MemorySegment deviceTemperature;
    private final MemorySegment deviceClock;
    private final MemorySegment deviceClockReasons;
    private final MemorySegment deviceProcesses;

    private NvmlLibrary(String path, SymbolLookup symbols) {
        this.path = path;
        this.symbols = symbols;
        init = symbol("nvmlInit_v2");
        shutdown = symbol("nvmlShutdown");
        errorString = symbol("nvmlErrorString");
        driverVersion = symbol("nvmlSystemGetDriverVersion");
        cudaDriverVersion = symbol("nvmlSystemGetCudaDriverVersion_v2");
        deviceCount = symbol("nvmlDeviceGetCount_v2");
        deviceByIndex = symbol("nvmlDeviceGetHandleByIndex_v2");
        deviceName = symbol("nvmlDeviceGetName");
        deviceUuid = symbol("nvmlDeviceGetUUID");
        devicePciInfo = symbol("nvmlDeviceGetPciInfo_v3");
        deviceComputeCapability = symbol("nvmlDeviceGetCudaComputeCapability");
        deviceMemory = symbol("nvmlDeviceGetMemoryInfo");
        deviceMemoryV2 = symbol("nvmlDeviceGetMemoryInfo_v2");
        deviceUtilization = symbol("nvmlDeviceGetUtilizationRates");
        devicePower = symbol("nvmlDeviceGetPowerUsage");
        devicePowerLimit = symbol("nvmlDeviceGetEnforcedPowerLimit");
        deviceEnergy = symbol("nvmlDeviceGetTotalEnergyConsumption");
        deviceTemperature = symbol("nvmlDeviceGetTemperature");
        deviceClock = symbol("nvmlDeviceGetClockInfo");
        // The same function; drivers before 535 have it by its old name alone.
        deviceClockReasons =
                symbol("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons");
        // With the same structs; drivers before 510 have the second alone.
        deviceProcesses = symbol("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2");
    }

    /** The first of the symbols that the library has, {@code NULL} if it has none. */
    private MemorySegment symbol(String... names) {
        for (String name : names) {
            MemorySegment found = symbols.find(name).orElse(MemorySegment.NULL);
            if (!Pointers.isNull(found)) {
                return found;
            }
        }
        return MemorySegment.NULL;
    }

    /**
     * Opens the library from where it is found; the same one again when it is open already. It is to be
     * {@linkplain #init() initialised} before it is asked.
     *
     * @throws NativeLoadException if there is none; the message says where it was looked for, and the way out
     */
    public static NvmlLibrary open() {
        return find(System.getProperty(NvmlLocator.PATH_PROPERTY, ""));
    }

    /**
     * Opens the library of that name.
     *
     * @param file the library, or its folder
     * @throws NativeLoadException if it cannot be opened
     */
    public static NvmlLibrary open(Path file) {
        return find(file.toString());
    }

    private static NvmlLibrary find(String named) {
        Map<String, String> environment = System.getenv();
        Platform platform = Platform.current();
        List<String> candidates = NvmlLocator.candidates(named, environment, platform);
        for (String candidate : candidates) {
            NvmlLibrary library = openFile(candidate);
            if (library != null) {
                return library;
            }
        }
        throw new NativeLoadException(NvmlLocator.fault(candidates, environment, platform));
    }

    private static @Nullable NvmlLibrary openFile(String file) {
        NvmlLibrary known = OPEN.get(file);
        if (known != null) {
            return known;
        }
        try {
            NvmlLibrary opened = new NvmlLibrary(file, SymbolLookup.libraryLookup(file, Arena.global()));
            return Objects.requireNonNullElse(OPEN.putIfAbsent(file, opened), opened);
        } catch (IllegalArgumentException cannotBeOpened) {
            return null;
        }
    }

    /** {@return the file that was opened, or a name that the system has found} */
    public String path() {
        return path;
    }

    /** {@code nvmlInit_v2}: counted; each needs a {@link #shutdown()}. */
    public int init() {
        return Pointers.isNull(init) ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND() : nvml_plain_function.invoke(init);
    }

    /** {@code nvmlShutdown}. */
    public int shutdown() {
        return Pointers.isNull(shutdown) ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND() : nvml_plain_function.invoke(shutdown);
    }

    /** {@code nvmlErrorString}: the library's words for a code; {@code null} where it has none. */
    public @Nullable String errorString(int code) {
        return Pointers.isNull(errorString) ? null : Pointers.string(nvml_error_function.invoke(errorString, code));
    }

    /** {@code nvmlSystemGetDriverVersion}. */
    public int driverVersion(MemorySegment text) {
        return Pointers.isNull(driverVersion)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_text_function.invoke(driverVersion, text, (int) text.byteSize());
    }

    /** {@code nvmlSystemGetCudaDriverVersion_v2}: 13020 is 13.2. */
    public int cudaDriverVersion(MemorySegment version) {
        return number(cudaDriverVersion, version);
    }

    /** {@code nvmlDeviceGetCount_v2}. */
    public int deviceCount(MemorySegment count) {
        return number(deviceCount, count);
    }

    /** {@code nvmlDeviceGetHandleByIndex_v2}. */
    public int deviceByIndex(int index, MemorySegment device) {
        return Pointers.isNull(deviceByIndex)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_index_function.invoke(deviceByIndex, index, device);
    }

    /** {@code nvmlDeviceGetName}. */
    public int deviceName(MemorySegment device, MemorySegment text) {
        return text(deviceName, device, text);
    }

    /** {@code nvmlDeviceGetUUID}. */
    public int deviceUuid(MemorySegment device, MemorySegment text) {
        return text(deviceUuid, device, text);
    }

    /** {@code nvmlDeviceGetPciInfo_v3}. */
    public int devicePciInfo(MemorySegment device, MemorySegment info) {
        return value(devicePciInfo, device, info);
    }

    /** {@code nvmlDeviceGetCudaComputeCapability}. */
    public int deviceComputeCapability(MemorySegment device, MemorySegment major, MemorySegment minor) {
        return Pointers.isNull(deviceComputeCapability)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_device_pair_function.invoke(deviceComputeCapability, device, major, minor);
    }

    /** {@code nvmlDeviceGetMemoryInfo}. */
    public int deviceMemory(MemorySegment device, MemorySegment memory) {
        return value(deviceMemory, device, memory);
    }

    /** {@code nvmlDeviceGetMemoryInfo_v2}; the struct's version is to be set before. */
    public int deviceMemoryV2(MemorySegment device, MemorySegment memory) {
        return value(deviceMemoryV2, device, memory);
    }

    /** {@code nvmlDeviceGetUtilizationRates}. */
    public int deviceUtilization(MemorySegment device, MemorySegment utilization) {
        return value(deviceUtilization, device, utilization);
    }

    /** {@code nvmlDeviceGetPowerUsage}, in milliwatts. */
    public int devicePower(MemorySegment device, MemorySegment milliwatts) {
        return value(devicePower, device, milliwatts);
    }

    /** {@code nvmlDeviceGetEnforcedPowerLimit}, in milliwatts. */
    public int devicePowerLimit(MemorySegment device, MemorySegment milliwatts) {
        return value(devicePowerLimit, device, milliwatts);
    }

    /** {@code nvmlDeviceGetTotalEnergyConsumption}, in millijoules. */
    public int deviceEnergy(MemorySegment device, MemorySegment millijoules) {
        return value(deviceEnergy, device, millijoules);
    }

    /** {@code nvmlDeviceGetTemperature}, in degrees Celsius. */
    public int deviceTemperature(MemorySegment device, int sensor, MemorySegment degrees) {
        return kind(deviceTemperature, device, sensor, degrees);
    }

    /** {@code nvmlDeviceGetClockInfo}, in megahertz. */
    public int deviceClock(MemorySegment device, int clock, MemorySegment megahertz) {
        return kind(deviceClock, device, clock, megahertz);
    }

    /** {@code nvmlDeviceGetCurrentClocksEventReasons}. */
    public int deviceClockReasons(MemorySegment device, MemorySegment bits) {
        return value(deviceClockReasons, device, bits);
    }

    /** {@code nvmlDeviceGetComputeRunningProcesses_v3}. */
    public int deviceProcesses(MemorySegment device, MemorySegment count, MemorySegment processes) {
        return Pointers.isNull(deviceProcesses)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_device_processes_function.invoke(deviceProcesses, device, count, processes);
    }

    private static int number(MemorySegment function, MemorySegment value) {
        return Pointers.isNull(function)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_number_function.invoke(function, value);
    }

    private static int text(MemorySegment function, MemorySegment device, MemorySegment text) {
        return Pointers.isNull(function)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_device_text_function.invoke(function, device, text, (int) text.byteSize());
    }

    private static int value(MemorySegment function, MemorySegment device, MemorySegment value) {
        return Pointers.isNull(function)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_device_value_function.invoke(function, device, value);
    }

    private static int kind(MemorySegment function, MemorySegment device, int kind, MemorySegment value) {
        return Pointers.isNull(function)
                ? NvmlC.NVML_ERROR_FUNCTION_NOT_FOUND()
                : nvml_device_kind_function.invoke(function, device, kind, value);
    }
}
