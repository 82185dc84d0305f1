/** A byte-level BPE vocabulary learnt from a corpus. */
@NullMarked
package io.github.panllama.training.tokenizer;

import org.jspecify.annotations.NullMarked;
