package io.github.panllama.bindings;

import java.nio.file.Path;

/**
 * A folder that may hold libraries of the CUDA toolkit.
 *
 * @param path the folder
 * @param origin how it was found, such as {@code CUDA_PATH}
 */
record CudaFolder(Path path, String origin) {}
