package io.github.panllama.bindings;

import java.nio.file.Path;

/**
 * A library of NVIDIA in this process.
 *
 * @param name the name by which the CUDA plugin asks for it, such as {@code libcudart.so.13}
 * @param path where it was opened from
 * @param origin how that place was found, such as {@code CUDA_PATH}
 */
public record CudaLibrary(String name, Path path, String origin) {}
