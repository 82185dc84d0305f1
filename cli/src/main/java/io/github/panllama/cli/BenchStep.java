package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import io.github.panllama.LlamaModel;
import java.util.List;
import java.util.stream.Stream;

/**
 * The contexts that serve a run, and how often they get the load of one.
 *
 * @param models one for each device
 * @param replicas contexts of each model
 * @param units what the load grows with: the devices of a scaling, or its contexts on one device; 1 without a scaling
 */
record BenchStep(List<LlamaModel> models, int replicas, int units) {
    BenchStep {
        models = List.copyOf(models);
    }

    /** Contexts of all models. */
    int contexts() {
        return models.size() * replicas;
    }

    /** The GPUs that compute; none where the CPU does. */
    List<Device> gpus() {
        return models.stream()
                .filter(LlamaModel::isOffloaded)
                .flatMap(model -> model.devices().stream())
                .distinct()
                .toList();
    }

    /** The names of the devices that compute. */
    List<String> deviceNames() {
        Stream<Device> devices = gpus().isEmpty()
                ? Device.all().stream().filter(device -> device.type() == DeviceType.CPU)
                : gpus().stream();
        return devices.map(Device::name).toList();
    }
}
