/**
 * What a caller can do wrong, done on purpose: each case runs in a JVM of its own kind, which must survive, and must end
 * with the exception that the API documents.
 *
 * <p>{@link io.github.panllama.abuse.AbuseTest} starts the JVMs; {@link io.github.panllama.abuse.AbuseRunner} is what
 * runs in them; the {@code …Cases} classes hold the cases, by family.
 */
@NullMarked
package io.github.panllama.abuse;

import org.jspecify.annotations.NullMarked;
