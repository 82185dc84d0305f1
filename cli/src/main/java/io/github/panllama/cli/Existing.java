package io.github.panllama.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** Files that are there already. */
final class Existing {
    private Existing() {}

    static void refuse(Path target) {
        if (isThere(target)) {
            throw new FailureException(target + ": is there already; --force replaces it");
        }
    }

    /** Names the first of several files that is there. */
    static void refuse(List<Path> targets) {
        targets.forEach(Existing::refuse);
    }

    /** Whether the name is taken, if only by a link that leads nowhere. */
    static boolean isThere(Path target) {
        return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }
}
