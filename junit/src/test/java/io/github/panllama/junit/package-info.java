@NullMarked
package io.github.panllama.junit;

import org.jspecify.annotations.NullMarked;
