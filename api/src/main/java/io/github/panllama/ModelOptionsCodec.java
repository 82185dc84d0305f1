package io.github.panllama;

import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.OptionCodecs;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes model options for another process, and reads a builder that has them set. Devices go by their names. Progress
 * listeners are refused.
 */
final class ModelOptionsCodec implements OptionCodecs.Codec<ModelOptions, ModelOptions.Builder> {
    private static final int MAX_LIST = 65_536;
    private static final int MAX_TEXT = 65_536;

    private static final ContextOptionsCodec CONTEXTS = new ContextOptionsCodec();

    private static final int WHOLE = 0;
    private static final int REAL = 1;
    private static final int TRUTH = 2;
    private static final int TEXT = 3;

    @Override
    public void write(ModelOptions options, FrameWriter out) {
        if (options.progress != null) {
            throw new IllegalArgumentException("The progress listener of model options does not reach a worker:"
                    + " give it to IsolatedOptions.Builder.progress");
        }
        NullableFields.put(out, options.gpuLayers);
        NullableFields.put(out, options.splitMode);
        NullableFields.put(out, options.loadMode);
        NullableFields.put(out, options.mainDevice);
        out.putBoolean(options.devices != null);
        if (options.devices != null) {
            out.putStrings(options.devices.stream().map(Device::name).toList());
        }
        out.putFloats(options.tensorSplit);
        out.putInt(options.placements.size());
        for (ModelOptions.TensorPlacement placement : options.placements) {
            out.putString(placement.pattern());
            out.putString(placement.device().name());
        }
        out.putBoolean(options.expertsOnCpu);
        writeOverrides(options.overrides, out);
        NullableFields.put(out, options.activeExperts);
        NullableFields.put(out, options.vocabularyOnly);
        NullableFields.put(out, options.checkTensors);
        NullableFields.put(out, options.repackWeights);
        NullableFields.put(out, options.pinnedHostBuffers);
        NullableFields.put(out, options.multiTokenPrediction);
        NullableFields.put(out, options.lazyMode);
        out.putBoolean(options.roomFor != null);
        if (options.roomFor != null) {
            CONTEXTS.write(options.roomFor, out);
        }
        out.putBoolean(options.memoryCheck);
        out.putBoolean(options.trust == ModelTrust.TRUSTED);
        out.putStrings(options.trust.digests());
    }

    private static void writeOverrides(Map<String, Object> overrides, FrameWriter out) {
        out.putInt(overrides.size());
        overrides.forEach((key, value) -> {
            out.putString(key);
            switch (value) {
                case Long whole -> {
                    out.putInt(WHOLE);
                    out.putLong(whole);
                }
                case Double real -> {
                    out.putInt(REAL);
                    out.putDouble(real);
                }
                case Boolean truth -> {
                    out.putInt(TRUTH);
                    out.putBoolean(truth);
                }
                default -> {
                    out.putInt(TEXT);
                    out.putString(value.toString());
                }
            }
        });
    }

    @Override
    public ModelOptions.Builder read(FrameReader in) throws ProtocolException {
        ModelOptions.Builder options = ModelOptions.builder();
        set(options, NullableFields.integer(in, "gpuLayers"), ModelOptionsCodec::setGpuLayers);
        set(options, NullableFields.constant(in, "splitMode", SplitMode.class), ModelOptions.Builder::splitMode);
        set(options, NullableFields.constant(in, "loadMode", LoadMode.class), ModelOptions.Builder::loadMode);
        set(options, NullableFields.integer(in, "mainDevice"), ModelOptions.Builder::mainDevice);
        if (in.getBoolean("devices")) {
            List<String> names = in.getStrings("devices", MAX_LIST, MAX_TEXT);
            // Without a name the devices need not be asked for.
            List<Device> all = names.isEmpty() ? List.of() : Device.all();
            options.devices(names.stream().map(name -> device(all, name)).toList());
        }
        options.tensorSplit(in.getFloats("tensorSplit", MAX_LIST));
        for (int i = in.getInt("placements", 0, MAX_LIST); i > 0; i--) {
            options.placeTensors(
                    in.getString("pattern", MAX_TEXT), device(Device.all(), in.getString("device", MAX_TEXT)));
        }
        if (in.getBoolean("expertsOnCpu")) {
            options.expertsOnCpu();
        }
        for (int i = in.getInt("overrides", 0, MAX_LIST); i > 0; i--) {
            readOverride(in, options);
        }
        set(options, NullableFields.integer(in, "activeExperts"), ModelOptions.Builder::activeExperts);
        set(options, NullableFields.truth(in, "vocabularyOnly"), ModelOptions.Builder::vocabularyOnly);
        set(options, NullableFields.truth(in, "checkTensors"), ModelOptions.Builder::checkTensors);
        set(options, NullableFields.truth(in, "repackWeights"), ModelOptions.Builder::repackWeights);
        set(options, NullableFields.truth(in, "pinnedHostBuffers"), ModelOptions.Builder::pinnedHostBuffers);
        set(options, NullableFields.truth(in, "multiTokenPrediction"), ModelOptions.Builder::multiTokenPrediction);
        set(options, NullableFields.constant(in, "lazyMode", LazyMode.class), ModelOptions.Builder::lazyMode);
        if (in.getBoolean("roomFor")) {
            ContextOptions.Builder context = ContextOptions.builder();
            CONTEXTS.read(in).accept(context);
            options.roomFor(context.build());
        }
        options.memoryCheck(in.getBoolean("memoryCheck"));
        boolean trusted = in.getBoolean("trusted");
        List<String> digests = in.getStrings("digests", MAX_LIST, MAX_TEXT);
        if (trusted) {
            options.trust(ModelTrust.TRUSTED);
        } else if (!digests.isEmpty()) {
            options.trust(ModelTrust.sha256(digests.toArray(String[]::new)));
        }
        return options;
    }

    private static void setGpuLayers(ModelOptions.Builder options, int layers) {
        if (layers == ModelOptions.FITTING_LAYERS) {
            options.gpuLayers(GpuLayers.AUTO);
        } else {
            options.gpuLayers(layers);
        }
    }

    private static void readOverride(FrameReader in, ModelOptions.Builder options) throws ProtocolException {
        String key = in.getString("key", MAX_TEXT);
        switch (in.getInt("kind of value", WHOLE, TEXT)) {
            case WHOLE -> options.metadata(key, in.getLong(key));
            case REAL -> options.metadata(key, in.getDouble(key));
            case TRUTH -> options.metadata(key, in.getBoolean(key));
            default -> options.metadata(key, in.getString(key, MAX_TEXT));
        }
    }

    private static <T> void set(
            ModelOptions.Builder options, @Nullable T value, BiConsumer<ModelOptions.Builder, T> setter) {
        if (value != null) {
            setter.accept(options, value);
        }
    }

    private static Device device(List<Device> all, String name) {
        List<String> names = new ArrayList<>();
        for (Device device : all) {
            if (device.name().equals(name)) {
                return device;
            }
            names.add(device.name());
        }
        throw new IllegalArgumentException("There is no device %s in the worker, but %s".formatted(name, names));
    }
}
