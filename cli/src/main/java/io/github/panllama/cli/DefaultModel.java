package io.github.panllama.cli;

import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The model that a command uses: the one that was given, else the bundled one.
 *
 * @param file the model
 * @param kind where it comes from
 */
record DefaultModel(Path file, Kind kind) {
    /** Where a model comes from. */
    enum Kind {
        /** The user named it. */
        GIVEN,
        /** It was not named, and the bundled one takes its place. */
        BUNDLED,
        /** Random weights: this build has no bundled model. */
        SYNTHETIC
    }

    static DefaultModel of(@Nullable Path given, Terminal terminal) throws IOException {
        if (given != null) {
            return new DefaultModel(given, Kind.GIVEN);
        }
        if (TinyModel.isPresent()) {
            return new DefaultModel(TinyModel.path(), Kind.BUNDLED);
        }
        terminal.err()
                .println("No --model: a tiny model with random weights takes its place, and its text means nothing.");
        return new DefaultModel(SyntheticFile.get(), Kind.SYNTHETIC);
    }

    boolean isSynthetic() {
        return kind == Kind.SYNTHETIC;
    }
}
