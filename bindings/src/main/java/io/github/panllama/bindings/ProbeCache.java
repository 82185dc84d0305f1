package io.github.panllama.bindings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What probes found, kept in files: that a plugin works, until it or a driver changes; that it does not, for an hour, since
 * what was wrong may have been set right.
 */
final class ProbeCache {
    private static final Duration REFUSED_FOR = Duration.ofHours(1);
    private static final String FINE = "fine";
    private static final String REFUSED = "refused";
    private static final int KEY_CHARS = 16;
    private static final long MAX_BYTES = 1 << 20;

    private final Path folder;

    ProbeCache(Path folder) {
        this.folder = folder;
    }

    /**
     * What a probe found.
     *
     * @param reason why the plugin must not be loaded; {@code null} if it may be
     * @param holds whether it tells what the next probe would find
     */
    record Finding(@Nullable String reason, boolean holds) {
        static final Finding FINE = new Finding(null, true);
        static final Finding UNTRIED = new Finding(null, false);
    }

    /** The file of a plugin in a state of the machine. */
    Path file(String plugin, String identity) {
        return folder.resolve("%s-%s.txt"
                .formatted(plugin, Sha256.of(identity.getBytes(UTF_8)).substring(0, KEY_CHARS)));
    }

    /** What is known and still holds; {@code null} if nothing does. */
    @Nullable
    Finding read(Path file, Instant now) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
                return null;
            }
            String[] parts = Files.readString(file).split("\n", 2);
            if (parts[0].equals(FINE)) {
                return Finding.FINE;
            }
            boolean holds = parts[0].equals(REFUSED)
                    && parts.length == 2
                    && Files.getLastModifiedTime(file)
                            .toInstant()
                            .plus(REFUSED_FOR)
                            .isAfter(now);
            return holds ? new Finding(parts[1].strip(), true) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Keeps a finding. One that cannot be kept is found again the next time. */
    void write(Path file, Finding finding) {
        try {
            PrivateFolder.create(folder);
            Path temporary = Files.createTempFile(folder, ".probe-", ".txt");
            try {
                Files.writeString(
                        temporary, finding.reason() == null ? FINE + "\n" : REFUSED + "\n" + finding.reason());
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            // As said above.
        }
    }
}
