/** Helpers that several packages need. Not exported. */
@NullMarked
package io.github.panllama.internal;

import org.jspecify.annotations.NullMarked;
