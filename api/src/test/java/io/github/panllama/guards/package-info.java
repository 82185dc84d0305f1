/** What kills a JVM that calls llama.cpp, and what happens instead through the API. */
package io.github.panllama.guards;
