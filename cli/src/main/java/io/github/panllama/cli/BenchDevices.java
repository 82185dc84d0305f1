package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import io.github.panllama.ModelOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The devices that each have a copy of the model.
 *
 * @param chosen in order; none where one model goes to where its options say, as it does with every other command
 */
record BenchDevices(List<Device> chosen) {
    BenchDevices {
        chosen = List.copyOf(chosen);
    }

    /**
     * Finds devices by their names, whatever the case of their letters. Without names a scaling goes over the GPUs that
     * the model would use.
     *
     * @param names as {@code doctor} shows them
     * @throws UsageException if a name is unknown or comes twice, or if they cannot compute together
     */
    static BenchDevices of(List<String> names, boolean scaling, MachineFlags machine) {
        boolean cpuAlone = machine.gpuLayers().equals(Optional.of(0));
        if (names.isEmpty()) {
            return new BenchDevices(scaling && !cpuAlone ? used() : List.of());
        }
        List<Device> known = known();
        List<Device> chosen = names.stream().map(name -> find(name, known)).toList();
        for (Device device : chosen) {
            if (chosen.indexOf(device) != chosen.lastIndexOf(device)) {
                throw new UsageException("--devices names %s twice; for several contexts on it give --replicas"
                        .formatted(device.name()));
            }
            if (cpuAlone && device.isGpu()) {
                throw new UsageException("--gpu-layers 0 leaves nothing to compute on %s; leave out one of the two"
                        .formatted(device.name()));
            }
            if (chosen.size() > 1 && !device.isGpu()) {
                throw new UsageException(
                        "--devices names %s beside GPUs, which are not measured together".formatted(device.name()));
            }
        }
        return new BenchDevices(chosen);
    }

    /** As llama.cpp chooses them: integrated GPUs where there are no others. */
    private static List<Device> used() {
        List<Device> cards = Device.gpus().stream()
                .filter(device -> device.type() == DeviceType.GPU)
                .toList();
        return cards.isEmpty() ? Device.gpus() : cards;
    }

    private static List<Device> known() {
        return Device.all().stream()
                .filter(device -> device.isGpu() || device.type() == DeviceType.CPU)
                .toList();
    }

    private static Device find(String name, List<Device> known) {
        return known.stream()
                .filter(device -> device.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("--devices names '%s', must be one of: %s"
                        .formatted(name, known.stream().map(Device::toString).collect(Collectors.joining(", ")))));
    }

    /** How many models are loaded. */
    int count() {
        return Math.max(1, chosen.size());
    }

    List<String> names() {
        return chosen.stream().map(Device::name).toList();
    }

    /** How each of the models is loaded. */
    List<ModelOptions.Builder> modelOptions(MachineFlags machine) {
        return chosen.isEmpty()
                ? List.of(machine.modelOptions())
                : chosen.stream()
                        .map(device -> machine.modelOptions().devices(device.isGpu() ? List.of(device) : List.of()))
                        .toList();
    }
}
