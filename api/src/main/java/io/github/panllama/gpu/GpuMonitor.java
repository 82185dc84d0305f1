package io.github.panllama.gpu;

import io.github.panllama.Device;
import io.github.panllama.bindings.NvmlLibrary;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Watches NVIDIA cards: what they say of their memory, power, energy, utilisation, temperature and clocks. It only reads:
 * no clock and no power limit is ever set. ({@code NVML}, the library of NVIDIA's driver)
 *
 * <p>NVML is looked for on the system's own path and where containers and WSL have it; {@code -Dpanllama.nvml.path} or
 * {@code PANLLAMA_NVML_PATH} names another file or its folder. While a monitor is open, a JFR recording has an event
 * {@code io.github.panllama.GpuSample} for each card every second, or as often as the recording wants.
 *
 * <p><b>Threads.</b> Every method may be called from any thread; closing waits for calls that are in the driver.
 */
public final class GpuMonitor implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final NvmlSession session;
    private final Cleaner.Cleanable cleanable;

    private GpuMonitor(NvmlSession session) {
        this.session = session;
        this.cleanable = CLEANER.register(this, session);
        SampleEvents.begin(session);
    }

    /**
     * Opens a monitor of all cards that the driver shows to this process. ({@code nvmlInit_v2})
     *
     * @throws GpuMonitorException if there is no card, no driver, or it does not answer; its reason and message say which
     */
    public static GpuMonitor open() {
        return new GpuMonitor(NvmlSession.open(NvmlLibrary::open));
    }

    /** Opens a monitor over the library in that file. */
    static GpuMonitor open(Path library) {
        return new GpuMonitor(NvmlSession.open(() -> NvmlLibrary.open(library)));
    }

    /** Opens a monitor where there is a card; why there is none is in the log, at the level {@code DEBUG}. */
    public static Optional<GpuMonitor> openIfPresent() {
        try {
            return Optional.of(open());
        } catch (GpuMonitorException e) {
            LOG.log(Level.DEBUG, "No GPU is watched", e);
            return Optional.empty();
        }
    }

    /** The cards, in the driver's order, one at least. */
    public List<GpuCard> cards() {
        return session.cards();
    }

    /** The card on which llama.cpp computes as that device; empty for one that is no NVIDIA card. */
    public Optional<GpuCard> card(Device device) {
        return session.cards().stream().filter(card -> card.isDevice(device)).findFirst();
    }

    /** The version of the driver, such as {@code 580.82.07}. */
    public Optional<String> driverVersion() {
        return session.driverVersion();
    }

    /** The newest CUDA that the driver runs, such as {@code 13.0}. */
    public Optional<String> cudaVersion() {
        return session.cudaVersion();
    }

    /**
     * Asks every card now.
     *
     * @return a sample of each card, in their order; one that does not answer has a {@linkplain GpuSample#fault() fault}
     * @throws IllegalStateException if the monitor is closed
     */
    public List<GpuSample> sample() {
        return session.sample();
    }

    /**
     * Asks every card again and again, on a thread of its own, until the sampler or the monitor is closed.
     *
     * @param interval from one begin to the next, a millisecond to an hour. Cards renew their figures some ten times a
     *     second, so that less than 20 ms tells little more
     * @param listener is given a sample of each card each time
     * @throws IllegalArgumentException if the interval is out of its bounds
     * @throws IllegalStateException if the monitor is closed
     */
    public GpuSampler sampleEvery(Duration interval, Consumer<List<GpuSample>> listener) {
        return GpuSampler.start(this, interval, listener);
    }

    /**
     * Begins to measure what the cards do from now on.
     *
     * @param interval of the samples, as for {@link #sampleEvery}
     * @throws IllegalArgumentException if the interval is out of its bounds
     * @throws IllegalStateException if the monitor is closed
     */
    public GpuRecording record(Duration interval) {
        return GpuRecording.start(this, interval);
    }

    void checkOpen() {
        session.checkOpen();
    }

    /** Whether it is closed. */
    public boolean isClosed() {
        return session.isClosed();
    }

    /** Ends it and its samplers. Later calls do nothing. ({@code nvmlShutdown}) */
    @Override
    public void close() {
        session.closedByUser();
        cleanable.clean();
    }
}
