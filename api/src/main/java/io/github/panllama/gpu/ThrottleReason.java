package io.github.panllama.gpu;

import io.github.panllama.bindings.gen.nvml.NvmlC;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Why a card's clocks are not higher at a moment. Several may hold. ({@code nvmlDeviceGetCurrentClocksEventReasons}) */
public enum ThrottleReason {
    /** Nothing runs on the card. */
    IDLE(NvmlC.NVML_CLOCKS_GPU_IDLE()),
    /** Somebody has set lower clocks for applications. */
    APPLICATION_CLOCKS(NvmlC.NVML_CLOCKS_APPLICATIONS_SETTING()),
    /** The power limit is reached. */
    POWER_CAP(NvmlC.NVML_CLOCKS_SW_POWER_CAP()),
    /** The hardware has at least halved the clocks: too hot, too much power, or a brake from outside. */
    HARDWARE_SLOWDOWN(NvmlC.NVML_CLOCKS_HW_SLOWDOWN()),
    /** The clocks of a group of cards go together. */
    SYNC_BOOST(NvmlC.NVML_CLOCKS_SYNC_BOOST()),
    /** The driver keeps the chip or its memory below a temperature. */
    THERMAL_SLOWDOWN(NvmlC.NVML_CLOCKS_SW_THERMAL_SLOWDOWN()),
    /** The hardware has at least halved the clocks, because of the temperature. */
    HARDWARE_THERMAL_SLOWDOWN(NvmlC.NVML_CLOCKS_HW_THERMAL_SLOWDOWN()),
    /** The hardware has at least halved the clocks, because the power supply asks for it. */
    POWER_BRAKE(NvmlC.NVML_CLOCKS_HW_POWER_BRAKE_SLOWDOWN()),
    /** Somebody has set lower clocks for displays. */
    DISPLAY_CLOCKS(NvmlC.NVML_CLOCKS_DISPLAY_SETTING());

    private final long bit;

    ThrottleReason(long bit) {
        this.bit = bit;
    }

    /** Whether work is slower for it: not so for a card that has nothing to do. */
    public boolean slowsWork() {
        return this != IDLE;
    }

    /** Those of a mask; bits of later drivers are left out. */
    static Set<ThrottleReason> of(long bits) {
        EnumSet<ThrottleReason> reasons = EnumSet.noneOf(ThrottleReason.class);
        for (ThrottleReason reason : values()) {
            if ((bits & reason.bit) != 0) {
                reasons.add(reason);
            }
        }
        return Collections.unmodifiableSet(reasons);
    }

    /** A set that stays as it is, in the order of the constants. */
    static Set<ThrottleReason> copyOf(Set<ThrottleReason> reasons) {
        EnumSet<ThrottleReason> copy = EnumSet.noneOf(ThrottleReason.class);
        copy.addAll(reasons);
        return Collections.unmodifiableSet(copy);
    }
}
