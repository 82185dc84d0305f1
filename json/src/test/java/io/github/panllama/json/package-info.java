/** Tests of the JSON binding, and of structured output from end to end. */
package io.github.panllama.json;
