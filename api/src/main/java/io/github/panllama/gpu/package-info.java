/**
 * What NVIDIA cards say of themselves: memory, power and energy, utilisation, temperature, clocks. Read from NVML, the
 * driver's own library, where there is one; nothing here changes a card, and nothing needs llama.cpp.
 */
@NullMarked
package io.github.panllama.gpu;

import org.jspecify.annotations.NullMarked;
