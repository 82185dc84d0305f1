package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.Pointers;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.ggml_backend_dev_caps;
import io.github.panllama.bindings.gen.ggml_backend_dev_props;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that can compute: the CPU, or a GPU whose backend was loaded.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A device lives as long as the process.
 */
public final class Device {
    private final MemorySegment pointer;
    private final String name;
    private final String description;
    private final DeviceType type;
    private final String backend;
    private final @Nullable String id;

    private Device(MemorySegment pointer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment props = ggml_backend_dev_props.allocate(arena);
            LlamaC.ggml_backend_dev_get_props(pointer, props);
            this.pointer = pointer;
            this.name = Natives.string(ggml_backend_dev_props.name(props));
            this.description = Natives.string(ggml_backend_dev_props.description(props));
            this.type = DeviceType.of(ggml_backend_dev_props.type(props));
            this.backend = Natives.string(LlamaC.ggml_backend_reg_name(LlamaC.ggml_backend_dev_backend_reg(pointer)));
            this.id = Pointers.string(ggml_backend_dev_props.device_id(props));
        }
    }

    /** Every device of this process, in the order in which models use them. ({@code ggml_backend_dev_get}) */
    public static List<Device> all() {
        Natives.load();
        List<Device> devices = new ArrayList<>();
        for (long i = 0; i < LlamaC.ggml_backend_dev_count(); i++) {
            devices.add(new Device(LlamaC.ggml_backend_dev_get(i)));
        }
        return List.copyOf(devices);
    }

    /** The GPUs of this process, integrated ones included; empty when models run on the CPU. */
    public static List<Device> gpus() {
        return all().stream().filter(Device::isGpu).toList();
    }

    /**
     * The GPUs of this process, for programs that must not fall back to the CPU in silence.
     *
     * @throws NativeLibraryException if there is none; the message says what was expected and why it is missing
     */
    public static List<Device> requireGpu() {
        List<Device> gpus = gpus();
        if (gpus.isEmpty()) {
            throw Llama.noGpu();
        }
        return gpus;
    }

    /** The name by which options refer to the device, such as {@code CUDA0}. */
    public String name() {
        return name;
    }

    /** The maker's name of the device. */
    public String description() {
        return description;
    }

    /** What kind of hardware it is. */
    public DeviceType type() {
        return type;
    }

    /** The backend that drives it, such as {@code CUDA} or {@code CPU}. */
    public String backend() {
        return backend;
    }

    /** The device's PCI address, where it has one. */
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    /** Whether it is a GPU, with memory of its own or not. */
    public boolean isGpu() {
        return type == DeviceType.GPU || type == DeviceType.INTEGRATED_GPU;
    }

    /** Memory that is free now, in bytes. ({@code ggml_backend_dev_memory}) */
    public long freeMemory() {
        return memory(0);
    }

    /** The device's memory, in bytes. */
    public long totalMemory() {
        return memory(1);
    }

    private long memory(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(JAVA_LONG, 2);
            LlamaC.ggml_backend_dev_memory(pointer, both.asSlice(0, JAVA_LONG), both.asSlice(8, JAVA_LONG));
            return both.getAtIndex(JAVA_LONG, index);
        }
    }

    /** Whether the other object is the same device of this process. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Device device && device.pointer.address() == pointer.address();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(pointer.address());
    }

    /** Whether llama.cpp maps a file by default where a model uses the device. */
    boolean lendsItselfToMapping() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment props = ggml_backend_dev_props.allocate(arena);
            LlamaC.ggml_backend_dev_get_props(pointer, props);
            return ggml_backend_dev_caps.mmap_support(ggml_backend_dev_props.caps(props));
        }
    }

    MemorySegment pointer() {
        return pointer;
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(name, description);
    }
}
