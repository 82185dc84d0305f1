package io.github.panllama;

/** What kind of hardware a {@link Device} is. */
public enum DeviceType {
    /** The processor, computing in system memory. */
    CPU,
    /** A graphics card with memory of its own. */
    GPU,
    /** A graphics processor that shares the system's memory. */
    INTEGRATED_GPU,
    /** A helper of the CPU, such as a BLAS library or a matrix unit. */
    ACCELERATOR,
    /** Several devices seen as one, for tensor parallelism. */
    META;

    static DeviceType of(int code) {
        DeviceType[] types = values();
        return code >= 0 && code < types.length ? types[code] : META;
    }
}
