/**
 * Loads llama.cpp and proves that it fits; the only hand-written code that uses restricted methods of the Foreign
 * Function and Memory API. Returns what C returns and decides nothing: {@code io.github.panllama} does.
 */
package io.github.panllama.bindings;
