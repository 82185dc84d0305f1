/** Tests of the command, in process and through its launcher. */
@NullMarked
package io.github.panllama.cli;

import org.jspecify.annotations.NullMarked;
