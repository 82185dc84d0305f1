package io.github.panllama.gpu;

import io.github.panllama.Device;
import java.util.Objects;
import java.util.Optional;

/**
 * An NVIDIA card.
 *
 * @param index its place in the driver's list, from 0; CUDA may count in another order
 * @param name the maker's name of it
 * @param uuid what tells it from all others, such as {@code GPU-5d5ba0d6-…}; empty where the driver does not tell
 * @param pciAddress where it is, such as {@code 00000000:01:00.0}; empty where the driver does not tell
 * @param computeCapability what CUDA calls its kind of chip, such as {@code 9.0}
 */
public record GpuCard(int index, String name, String uuid, String pciAddress, Optional<String> computeCapability) {
    /** Refuses {@code null} and a negative index. */
    public GpuCard {
        if (index < 0) {
            throw new IllegalArgumentException("index is %d, must not be negative".formatted(index));
        }
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(pciAddress, "pciAddress");
        Objects.requireNonNull(computeCapability, "computeCapability");
    }

    /** Whether this card is the device on which llama.cpp computes: both tell the same PCI address. */
    public boolean isDevice(Device device) {
        return device.id().map(id -> PciAddress.same(id, pciAddress)).orElse(false);
    }
}
