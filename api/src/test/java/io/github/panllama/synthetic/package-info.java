@NullMarked
package io.github.panllama.synthetic;

import org.jspecify.annotations.NullMarked;
