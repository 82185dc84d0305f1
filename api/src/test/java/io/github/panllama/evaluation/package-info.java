@NullMarked
package io.github.panllama.evaluation;

import org.jspecify.annotations.NullMarked;
