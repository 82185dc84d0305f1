package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.bindings.ProgressUpcall;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_kv_override;
import io.github.panllama.bindings.gen.llama_model_params;
import io.github.panllama.bindings.gen.llama_model_tensor_buft_override;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@link ModelOptions} into a {@code llama_model_params}. All it points to lives in the given arena. */
final class ModelParams {
    private ModelParams() {}

    static MemorySegment of(
            ModelOptions options, int gpuLayers, ModelFiles files, @Nullable ProgressUpcall progress, Arena arena) {
        MemorySegment params = LlamaC.llama_model_default_params(arena);
        llama_model_params.n_gpu_layers(params, gpuLayers);
        if (options.splitMode != null) {
            llama_model_params.split_mode(params, options.splitMode.code);
        }
        llama_model_params.load_mode(params, files.loadMode().code);
        if (options.vocabularyOnly != null) {
            llama_model_params.vocab_only(params, options.vocabularyOnly);
        }
        if (options.checkTensors != null) {
            llama_model_params.check_tensors(params, options.checkTensors);
        }
        if (options.repackWeights != null) {
            llama_model_params.use_extra_bufts(params, options.repackWeights);
        }
        if (options.pinnedHostBuffers != null) {
            llama_model_params.no_host(params, !options.pinnedHostBuffers);
        }
        if (options.multiTokenPrediction != null) {
            llama_model_params.load_mtp(params, options.multiTokenPrediction);
        }
        if (options.lazyMode != null) {
            llama_model_params.lazy_mode(params, options.lazyMode.code);
        }
        if (progress != null) {
            llama_model_params.progress_callback(params, progress.stub());
            llama_model_params.progress_callback_user_data(params, progress.userData());
        }
        devices(options, params, arena);
        placements(options, params, arena);
        overrides(options, files.architecture(), params, arena);
        return params;
    }

    /** How files are loaded: no file is mapped that others may make shorter, unless the options ask for it. */
    static LoadMode loadMode(ModelOptions options, List<Path> files) {
        LoadMode wanted = options.loadMode == null ? LoadMode.AUTO : options.loadMode;
        return wanted == LoadMode.AUTO && files.stream().anyMatch(FilePermissions::othersMayWrite)
                ? LoadMode.READ
                : wanted;
    }

    private static void devices(ModelOptions options, MemorySegment params, Arena arena) {
        if (options.devices != null) {
            MemorySegment list = arena.allocate(ADDRESS, options.devices.size() + 1L);
            for (int i = 0; i < options.devices.size(); i++) {
                list.setAtIndex(ADDRESS, i, options.devices.get(i).pointer());
            }
            llama_model_params.devices(params, list);
        }
        if (options.mainDevice != null) {
            int devices = options.devices != null
                    ? options.devices.size()
                    : Device.gpus().size();
            // Without a GPU the setting has no effect, as for gpuLayers; index 0 is then as good as any.
            Check.index("mainDevice", options.mainDevice, Math.max(1, devices));
            llama_model_params.main_gpu(params, options.mainDevice);
        }
        if (options.tensorSplit.length > 0) {
            int max = Math.toIntExact(LlamaC.llama_max_devices());
            Check.range("the length of tensorSplit", options.tensorSplit.length, 1, max);
            List<Device> gpus = gpus(options);
            if (!gpus.isEmpty() && options.tensorSplit.length > gpus.size()) {
                throw new IllegalArgumentException(
                        "tensorSplit has %d shares, must have one for each device at most, of %s"
                                .formatted(options.tensorSplit.length, gpus));
            }
            MemorySegment shares = arena.allocate(JAVA_FLOAT, max);
            MemorySegment.copy(options.tensorSplit, 0, shares, JAVA_FLOAT, 0, options.tensorSplit.length);
            llama_model_params.tensor_split(params, shares);
        }
    }

    /** Whether a model has layers on a GPU; then its output is there first. */
    static boolean offloads(ModelOptions options, int gpuLayers) {
        return gpuLayers != 0 && gpus(options).stream().anyMatch(Device::isGpu);
    }

    /** The GPUs that a model may use. */
    static List<Device> gpus(ModelOptions options) {
        return options.devices == null ? Device.gpus() : options.devices;
    }

    /** Whether weights on the CPU stay in pages of the file, which the system may take back. */
    static boolean maps(ModelOptions options, ModelFiles files) {
        LoadMode mode = files.loadMode();
        return LlamaC.llama_supports_mmap()
                && (mode == LoadMode.MEMORY_MAPPED
                        || (mode == LoadMode.AUTO && gpus(options).stream().allMatch(Device::lendsItselfToMapping)));
    }

    private static void placements(ModelOptions options, MemorySegment params, Arena arena) {
        List<ModelOptions.TensorPlacement> placements = new ArrayList<>(options.placements);
        if (options.expertsOnCpu) {
            Device cpu = Device.all().stream()
                    .filter(device -> device.type() == DeviceType.CPU)
                    .findFirst()
                    .orElseThrow();
            placements.add(new ModelOptions.TensorPlacement(ModelOptions.expertTensors(), cpu));
        }
        if (placements.isEmpty()) {
            return;
        }
        int max = Math.toIntExact(LlamaC.llama_max_tensor_buft_overrides());
        Check.range("the number of tensor placements", placements.size(), 1, max - 1);
        MemorySegment list = llama_model_tensor_buft_override.allocateArray(placements.size() + 1L, arena);
        MemorySegment type = arena.allocate(ADDRESS);
        for (int i = 0; i < placements.size(); i++) {
            MemorySegment entry = llama_model_tensor_buft_override.asSlice(list, i);
            Natives.check(
                    LlamaC.panllama_device_buffer_type(
                            placements.get(i).device().pointer(), type),
                    "Finding the memory of " + placements.get(i).device());
            llama_model_tensor_buft_override.pattern(
                    entry, arena.allocateFrom(placements.get(i).pattern()));
            llama_model_tensor_buft_override.buft(entry, type.get(ADDRESS, 0));
        }
        llama_model_params.tensor_buft_overrides(params, list);
    }

    private static void overrides(ModelOptions options, String architecture, MemorySegment params, Arena arena) {
        Map<String, Object> overrides =
                MetadataOverrides.of(options, architecture).values();
        if (overrides.isEmpty()) {
            return;
        }
        // The list ends with an entry whose key is empty.
        MemorySegment list = llama_model_kv_override.allocateArray(overrides.size() + 1L, arena);
        int i = 0;
        for (Map.Entry<String, Object> override : overrides.entrySet()) {
            MemorySegment entry = llama_model_kv_override.asSlice(list, i++);
            llama_model_kv_override.key(entry).setString(0, override.getKey());
            switch (override.getValue()) {
                case Long value -> {
                    llama_model_kv_override.tag(entry, LlamaC.LLAMA_KV_OVERRIDE_TYPE_INT());
                    llama_model_kv_override.val_i64(entry, value);
                }
                case Double value -> {
                    llama_model_kv_override.tag(entry, LlamaC.LLAMA_KV_OVERRIDE_TYPE_FLOAT());
                    llama_model_kv_override.val_f64(entry, value);
                }
                case Boolean value -> {
                    llama_model_kv_override.tag(entry, LlamaC.LLAMA_KV_OVERRIDE_TYPE_BOOL());
                    llama_model_kv_override.val_bool(entry, value);
                }
                default -> {
                    llama_model_kv_override.tag(entry, LlamaC.LLAMA_KV_OVERRIDE_TYPE_STR());
                    llama_model_kv_override.val_str(entry).setString(0, (String) override.getValue());
                }
            }
        }
        llama_model_params.kv_overrides(params, list);
    }
}
