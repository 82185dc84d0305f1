/**
 * Child JVMs and their ends: what their command lines need to find the same classes, what they inherit, what they last
 * said and what they died of. Knows nothing of the rest of the bindings.
 */
@NullMarked
package io.github.panllama.bindings.process;

import org.jspecify.annotations.NullMarked;
