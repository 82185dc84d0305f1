/** The JSON binding that comes with panllama; a program uses it through {@code io.github.panllama.chat}. */
package io.github.panllama.json;
