/** How the bundled models are made: a corpus that is generated, a tokenizer learnt from it, a transformer trained on it. */
@NullMarked
package io.github.panllama.training;

import org.jspecify.annotations.NullMarked;
