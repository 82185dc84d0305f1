/** Conversations: messages, a model's own chat template, and what is in its replies. */
package io.github.panllama.chat;
