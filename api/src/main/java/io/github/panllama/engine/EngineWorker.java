package io.github.panllama.engine;

import io.github.panllama.Device;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.internal.OptionCodecs;
import io.github.panllama.internal.worker.FrameChannel;
import io.github.panllama.internal.worker.FrameHandler;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerLink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a worker: loads a model, runs an engine, and serves the client that has started the process.
 *
 * <p><b>Threads.</b> The channel's thread reads; a thread of its own loads, as that takes long.
 */
final class EngineWorker implements FrameHandler {
    /** The exit code of a worker whose engine has failed. */
    static final int ENGINE_FAILED = 71;

    private final FrameChannel channel;
    private final WorkerOutput output;
    private Duration interval = Duration.ZERO;
    private volatile boolean closing;
    private volatile @Nullable WorkerEngine engine;
    private @Nullable Thread loader;

    private EngineWorker(WorkerLink link) {
        channel = link.channel();
        output = new WorkerOutput(channel, this::fails);
    }

    /**
     * Serves until the client ends it.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (WorkerLink link = WorkerLink.connect()) {
            EngineWorker worker = new EngineWorker(link);
            link.channel().start(worker);
            link.awaitEnd();
            worker.close();
        }
    }

    private synchronized void close() throws InterruptedException {
        closing = true;
        if (loader != null) {
            loader.join();
        }
        WorkerEngine serving = engine;
        if (serving != null) {
            serving.close();
        }
    }

    /** An engine that has failed as a whole serves nobody; another process may. */
    private void fails(Throwable failure) {
        if (failure instanceof EngineClosedException && !closing) {
            die(failure);
        }
    }

    private static void die(Throwable failure) {
        failure.printStackTrace();
        Runtime.getRuntime().halt(ENGINE_FAILED);
    }

    @Override
    public void onFrame(int type, FrameReader frame) throws ProtocolException {
        if (type == Wire.START) {
            start(frame);
            return;
        }
        WorkerEngine serving = engine;
        if (serving == null) {
            throw new ProtocolException("A frame of type %d came before the engine was ready".formatted(type));
        }
        serving.onFrame(type, frame);
    }

    @Override
    public void onBatchEnd() {
        output.flush();
    }

    @Override
    public void onTick() {
        WorkerEngine serving = engine;
        // Where the client does not read, the engine may wait for that.
        int still = serving == null ? 0 : serving.look(channel.isFull());
        output.send(new FrameWriter(Wire.ALIVE).putLong(interval.toNanos() * still));
    }

    @Override
    public void onEnd(@Nullable IOException reason) {
        closing = true;
        if (reason != null) {
            System.err.println("The channel has ended: " + reason);
        }
    }

    private void start(FrameReader in) throws ProtocolException {
        int version = in.getInt("version");
        if (version != Wire.VERSION) {
            throw new ProtocolException("The client speaks version %d of the protocol, the worker %d: both must be of"
                            .formatted(version, Wire.VERSION)
                    + " one release of panllama");
        }
        Path file = Path.of(Wire.getText(in, "file"));
        interval = Duration.ofNanos(in.getLong("interval", 0, Long.MAX_VALUE));
        channel.tickEvery(interval);
        try {
            boolean named = in.getBoolean("devices are named");
            List<String> devices = named ? Wire.getStrings(in, "devices") : List.of();
            ModelOptions.builder(); // registers the codec
            ModelOptions.Builder model = OptionCodecs.<ModelOptions, ModelOptions.Builder>of(ModelOptions.class)
                    .read(in);
            EngineOptions options = EngineOptionsCodec.read(in);
            in.end();
            model.progress(this::progress);
            load(file, model, named ? devices : null, options);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private static List<Device> devices(List<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        List<Device> all = Device.all();
        return names.stream()
                .map(name -> all.stream()
                        .filter(device -> device.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "There is no device %s in the worker, but %s".formatted(name, all))))
                .toList();
    }

    private boolean progress(float fraction) {
        output.send(new FrameWriter(Wire.PROGRESS).putFloat(fraction));
        return !closing;
    }

    private synchronized void load(
            Path file, ModelOptions.Builder model, @Nullable List<String> devices, EngineOptions options)
            throws ProtocolException {
        if (loader != null) {
            throw new ProtocolException("The worker was started twice");
        }
        loader = Thread.ofPlatform().daemon().name("panllama-load").start(() -> {
            try {
                if (devices != null) {
                    model.devices(devices(devices)); // here, as a driver takes its time
                }
                ready(LlamaModel.load(file, model.build()), options);
            } catch (RuntimeException e) {
                fail(e);
            } catch (Error e) {
                die(e);
            }
        });
    }

    private void ready(LlamaModel model, EngineOptions options) {
        LocalEngine local;
        try {
            local = LocalEngine.open(List.of(model), options, output::flush);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
        engine = new WorkerEngine(local, output);
        FrameWriter frame = new FrameWriter(Wire.READY);
        frame.putInt(local.sequenceContextSize());
        StatsCodec.write(local.description(), frame);
        StatsCodec.write(local.stats(), frame);
        output.send(frame);
    }

    private void fail(RuntimeException failure) {
        FrameWriter frame = new FrameWriter(Wire.FAILED);
        FailureCodec.write(failure, frame);
        output.send(frame);
    }
}
