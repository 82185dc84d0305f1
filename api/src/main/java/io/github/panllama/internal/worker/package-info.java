/**
 * A child JVM and the line to it: a process that is started, watched and ended, and frames over a Unix-domain socket.
 * Knows nothing of what is computed there. Not exported.
 */
@NullMarked
package io.github.panllama.internal.worker;

import org.jspecify.annotations.NullMarked;
