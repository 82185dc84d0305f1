@NullMarked
package io.github.panllama;

import org.jspecify.annotations.NullMarked;
