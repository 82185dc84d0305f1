package io.github.panllama.bench;

/**
 * What one run of a decode loop gave.
 *
 * @param nanos that the timed steps took
 * @param cpuNanos that the processor worked for them; less where others wanted the processor too
 * @param checksum of all sampled ids
 */
record Run(long nanos, long cpuNanos, long checksum) {}
