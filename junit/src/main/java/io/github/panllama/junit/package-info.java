/** {@link io.github.panllama.junit.QualityGate}: a test that a model passes when it is good enough. */
@NullMarked
package io.github.panllama.junit;

import org.jspecify.annotations.NullMarked;
