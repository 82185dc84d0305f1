package io.github.panllama.bindings;

/**
 * A device or plugin that was expected and is not used, and why.
 *
 * @param what the plugin, such as {@code cuda}
 * @param reason the file, symbol or driver that is missing, and what to do about it
 */
public record Unavailable(String what, String reason) {}
