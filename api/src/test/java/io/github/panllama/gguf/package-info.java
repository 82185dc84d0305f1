@NullMarked
package io.github.panllama.gguf;

import org.jspecify.annotations.NullMarked;
