package io.github.panllama;

/** How many layers of a model to keep in GPU memory, where it is not a number: {@link ModelOptions.Builder#gpuLayers}. */
public enum GpuLayers {
    /** As many as fit in what is free, with a context to compute in: {@link ModelOptions.Builder#roomFor}. */
    AUTO(ModelOptions.FITTING_LAYERS),
    /** Every layer, however many the model has. */
    ALL(ModelOptions.ALL_LAYERS),
    /** None: the model computes on the CPU. */
    NONE(0);

    final int code;

    GpuLayers(int code) {
        this.code = code;
    }
}
