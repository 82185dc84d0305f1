/** The benchmark of a machine with a GPU: what the engine gives there, beside llama.cpp's own program. */
package io.github.panllama.bench.gpu;
