package io.github.panllama.engine;

/** Where an engine's tokens are chosen from the model's outputs. */
public enum DeviceSampling {
    /** On the device where the model's outputs are on a GPU, else on the host. */
    AUTO,
    /** On the device that holds the outputs, also when that is the CPU. */
    ON,
    /** On the host. */
    OFF
}
