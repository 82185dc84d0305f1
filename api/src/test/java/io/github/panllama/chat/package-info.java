@org.jspecify.annotations.NullMarked
package io.github.panllama.chat;
