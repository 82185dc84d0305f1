package io.github.panllama.gpu;

/** How an energy was found. */
public enum EnergySource {
    /** The card counts its energy: the difference of two readings. */
    COUNTER,
    /**
     * The power at each sample, as if it went straight from one to the next. For cards that do not count, and for times
     * so short that the count did not move.
     */
    POWER,
    /** The card tells neither. */
    NONE
}
