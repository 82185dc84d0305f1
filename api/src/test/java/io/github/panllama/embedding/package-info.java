@NullMarked
package io.github.panllama.embedding;

import org.jspecify.annotations.NullMarked;
