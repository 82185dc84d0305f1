/** Tests of the load and its figures. */
@NullMarked
package io.github.panllama.cli.bench;

import org.jspecify.annotations.NullMarked;
