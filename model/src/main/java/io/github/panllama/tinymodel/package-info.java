/** The bundled model's files and the way to them. */
package io.github.panllama.tinymodel;
