package io.github.panllama;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether a model's files are checked before they are loaded. llama.cpp ends the process over much that may be wrong with
 * them, so by default {@link io.github.panllama.gguf.GgufValidator} looks at each first. The form of a file is checked in
 * any case: Java reads it.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class ModelTrust {
    /** Files are checked. The default. */
    public static final ModelTrust VALIDATED = new ModelTrust("VALIDATED", List.of());

    /** Files are not checked: for those that nobody else can have made or changed. */
    public static final ModelTrust TRUSTED = new ModelTrust("TRUSTED", List.of());

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int BUFFER_BYTES = 1 << 20;

    private final String name;
    private final List<String> digests;

    private ModelTrust(String name, List<String> digests) {
        this.name = name;
        this.digests = digests;
    }

    /**
     * Files are known by their digests: they are loaded without another check, and any other is refused. To find out, all
     * of each file is read, which takes about a second for each gigabyte.
     *
     * @param digests the SHA-256 of each file of the model, in order, in hexadecimal digits
     * @throws IllegalArgumentException if there are none, or one has not 64 digits
     */
    public static ModelTrust sha256(String... digests) {
        if (digests.length == 0) {
            throw new IllegalArgumentException("No digest is given");
        }
        List<String> checked = new ArrayList<>();
        for (String digest : digests) {
            String lower = digest.toLowerCase(Locale.ROOT);
            if (!DIGEST.matcher(lower).matches()) {
                throw new IllegalArgumentException(
                        "the digest is \"%s\", must have 64 hexadecimal digits".formatted(digest));
            }
            checked.add(lower);
        }
        return new ModelTrust("SHA256", List.copyOf(checked));
    }

    /** Those that the files must have; none unless it is by digest. */
    List<String> digests() {
        return digests;
    }

    /** Refuses files of other digests; whether the files are still to be checked. */
    boolean check(List<Path> files) {
        if (digests.isEmpty()) {
            return this == VALIDATED;
        }
        if (files.size() != digests.size()) {
            throw new ModelLoadException(
                    "Cannot load %s: it has %d files, digests are given of %d"
                            .formatted(files.getFirst(), files.size(), digests.size()),
                    List.of());
        }
        for (int i = 0; i < files.size(); i++) {
            String found = digest(files.get(i));
            if (!found.equals(digests.get(i))) {
                throw new ModelLoadException(
                        "Cannot load %s: its SHA-256 is %s, must be %s".formatted(files.get(i), found, digests.get(i)),
                        List.of());
            }
        }
        return false;
    }

    private static String digest(Path file) {
        MessageDigest digest = StateFormat.sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(file, e), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public String toString() {
        return digests.isEmpty() ? name : name + digests;
    }
}
