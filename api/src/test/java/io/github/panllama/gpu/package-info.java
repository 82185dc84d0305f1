@NullMarked
package io.github.panllama.gpu;

import org.jspecify.annotations.NullMarked;
