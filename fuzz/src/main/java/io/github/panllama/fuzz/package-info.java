/** Feeds whatever reads what others wrote with bytes of every kind. Targets stand in the packages of what they feed. */
@NullMarked
package io.github.panllama.fuzz;

import org.jspecify.annotations.NullMarked;
