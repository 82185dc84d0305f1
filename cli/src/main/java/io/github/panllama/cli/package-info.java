/** The {@code panllama} command: one class for each subcommand, over what the API exports. */
@NullMarked
package io.github.panllama.cli;

import org.jspecify.annotations.NullMarked;
