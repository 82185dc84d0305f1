package io.github.panllama.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.NativeLoadException;
import io.github.panllama.bindings.NvmlLibrary;
import io.github.panllama.bindings.gen.nvml.NvmlC;
import io.github.panllama.bindings.gen.nvml.nvmlPciInfo_t;
import io.github.panllama.gpu.GpuMonitorException.Reason;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** NVML initialised once, and the cards that it shows. Apart from its monitor, so that a cleaner can end it. */
final class NvmlSession implements Runnable {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    private static final int CUDA_MAJOR = 1000;
    private static final int CUDA_MINOR = 10;

    private final NvmlLibrary library;
    private final List<Entry> entries;
    private final Optional<String> driverVersion;
    private final Optional<String> cudaVersion;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Throwable madeAt = new Throwable("The GPU monitor was opened here");
    private volatile boolean closedByUser;
    private volatile boolean closed;

    /** A card, and what NVML knows it by. */
    private record Entry(GpuCard card, MemorySegment device) {}

    private NvmlSession(NvmlLibrary library) {
        this.library = library;
        try (Arena arena = Arena.ofConfined()) {
            entries = entries(library, arena);
            MemorySegment text = arena.allocate(NvmlC.NVML_VERSION_SIZE());
            driverVersion = text(library.driverVersion(text), text);
            MemorySegment version = arena.allocate(JAVA_INT);
            cudaVersion = library.cudaDriverVersion(version) == NvmlC.NVML_SUCCESS()
                    ? Optional.of(cudaVersion(version.get(JAVA_INT, 0)))
                    : Optional.empty();
        }
    }

    /** Begins. What fails is a {@link GpuMonitorException}, and leaves nothing behind. */
    static NvmlSession open(Supplier<NvmlLibrary> libraries) {
        NvmlLibrary library;
        try {
            library = libraries.get();
        } catch (NativeLoadException e) {
            throw new GpuMonitorException(Reason.NO_LIBRARY, String.valueOf(e.getMessage()), e);
        }
        int code = library.init();
        if (code != NvmlC.NVML_SUCCESS()) {
            throw NvmlCode.exception(library, "nvmlInit_v2", code);
        }
        try {
            return new NvmlSession(library);
        } catch (RuntimeException | Error e) {
            library.shutdown();
            throw e;
        }
    }

    private static List<Entry> entries(NvmlLibrary library, Arena arena) {
        MemorySegment count = arena.allocate(JAVA_INT);
        int code = library.deviceCount(count);
        if (code != NvmlC.NVML_SUCCESS()) {
            throw NvmlCode.exception(library, "nvmlDeviceGetCount_v2", code);
        }
        List<Entry> entries = new ArrayList<>();
        MemorySegment device = arena.allocate(ADDRESS);
        for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
            code = library.deviceByIndex(i, device);
            if (code == NvmlC.NVML_SUCCESS()) {
                MemorySegment handle = device.get(ADDRESS, 0);
                entries.add(new Entry(card(library, i, handle, arena), handle));
            } else {
                String why = NvmlCode.describe(library, code);
                int index = i;
                LOG.log(Level.DEBUG, () -> "NVIDIA card %d is not watched: %s".formatted(index, why));
            }
        }
        if (entries.isEmpty()) {
            throw code == NvmlC.NVML_SUCCESS()
                    ? new GpuMonitorException(
                            Reason.NO_CARD,
                            "NVIDIA's driver shows no card to this process: the machine has none, or the container was"
                                    + " started without its GPU")
                    : NvmlCode.exception(library, "nvmlDeviceGetHandleByIndex_v2", code);
        }
        return List.copyOf(entries);
    }

    private static GpuCard card(NvmlLibrary library, int index, MemorySegment device, Arena arena) {
        MemorySegment name = arena.allocate(NvmlC.NVML_NAME_SIZE());
        MemorySegment uuid = arena.allocate(NvmlC.NVML_UUID_SIZE());
        MemorySegment pci = arena.allocate(nvmlPciInfo_t.layout());
        MemorySegment major = arena.allocate(JAVA_INT);
        MemorySegment minor = arena.allocate(JAVA_INT);
        return new GpuCard(
                index,
                text(library.deviceName(device, name), name).orElse("NVIDIA card " + index),
                text(library.deviceUuid(device, uuid), uuid).orElse(""),
                text(library.devicePciInfo(device, pci), nvmlPciInfo_t.busId(pci))
                        .orElse(""),
                library.deviceComputeCapability(device, major, minor) == NvmlC.NVML_SUCCESS()
                        ? Optional.of(major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0))
                        : Optional.empty());
    }

    private static Optional<String> text(int code, MemorySegment text) {
        return code == NvmlC.NVML_SUCCESS() ? Optional.of(text.getString(0)) : Optional.empty();
    }

    private static String cudaVersion(int version) {
        return version / CUDA_MAJOR + "." + version % CUDA_MAJOR / CUDA_MINOR;
    }

    List<GpuCard> cards() {
        return entries.stream().map(Entry::card).toList();
    }

    Optional<String> driverVersion() {
        return driverVersion;
    }

    Optional<String> cudaVersion() {
        return cudaVersion;
    }

    /** One sample of each card. Others may ask at the same time; closing waits for all of them. */
    List<GpuSample> sample() {
        lock.readLock().lock();
        try {
            checkOpen();
            return entries.stream()
                    .map(entry -> CardReader.read(library, entry.card(), entry.device()))
                    .toList();
        } finally {
            lock.readLock().unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The GPU monitor is closed");
        }
    }

    /** Says that the cleaner comes because the user wants it. */
    void closedByUser() {
        closedByUser = true;
    }

    /** Ends it; runs once. */
    @Override
    public void run() {
        if (!closedByUser) {
            LOG.log(Level.WARNING, () -> "A GPU monitor was never closed; it is closed now", madeAt);
        }
        SampleEvents.end(this);
        lock.writeLock().lock();
        try {
            closed = true;
            library.shutdown();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
