package io.github.panllama.bindings;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * The {@code index.properties} that lies beside packed libraries: for which llama.cpp release and platform they are, and
 * each file's size, digest and role in load order.
 *
 * @param plugin the device of a plugin jar, such as {@code cuda}; empty for the core jar
 * @param digest the SHA-256 of the index itself
 * @param bytes the index itself
 */
record NativeIndex(
        String release, String platform, String plugin, List<NativeFile> files, String digest, String bytes) {
    static final String FILE_NAME = "index.properties";

    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * Reads an index.
     *
     * @param where what to call it in messages
     * @throws NativeLoadException if a line is missing or wrong
     */
    static NativeIndex parse(byte[] content, String where) {
        String text = new String(content, StandardCharsets.UTF_8);
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new NativeLoadException("cannot read " + where, e);
        }
        List<NativeFile> files = new ArrayList<>();
        for (int i = first(properties); properties.containsKey("file." + i + ".name"); i++) {
            files.add(file(properties, "file." + i + ".", where));
        }
        boolean isPlugin = require(properties, "kind", where).equals("plugin");
        return new NativeIndex(
                require(properties, "release", where),
                require(properties, "platform", where),
                isPlugin ? require(properties, "plugin", where) : "",
                List.copyOf(files),
                Sha256.of(content),
                text);
    }

    boolean isCore() {
        return plugin.isEmpty();
    }

    private static int first(Properties properties) {
        return properties.containsKey("file.0.name") ? 0 : 1;
    }

    private static NativeFile file(Properties properties, String prefix, String where) {
        String name = require(properties, prefix + "name", where);
        String sha256 = require(properties, prefix + "sha256", where);
        if (!FILE.matcher(name).matches() || !SHA256.matcher(sha256).matches()) {
            throw new NativeLoadException("%s: %s is no file name, or %s no SHA-256".formatted(where, name, sha256));
        }
        try {
            long size = Long.parseLong(require(properties, prefix + "size", where));
            NativeFile.Role role = NativeFile.Role.of(require(properties, prefix + "role", where));
            return new NativeFile(name, role, new NativeFile.Expected(size, sha256));
        } catch (IllegalArgumentException e) {
            throw new NativeLoadException("%s: size or role of %s is wrong".formatted(where, name), e);
        }
    }

    private static String require(Properties properties, String key, String where) {
        String value = properties.getProperty(key);
        if (value == null || value.isBlank()) {
            throw new NativeLoadException("%s: %s is missing".formatted(where, key));
        }
        return value.strip();
    }
}
