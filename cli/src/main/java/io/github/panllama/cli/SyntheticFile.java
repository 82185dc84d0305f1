package io.github.panllama.cli;

import io.github.panllama.Llama;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The model that stands in where none is given: tiny, random, written once into the user's cache folder. */
final class SyntheticFile {
    private SyntheticFile() {}

    /** The file, written if it is not there yet, or damaged. */
    static Path get() throws IOException {
        return get(Llama.cacheFolder().resolve("models"));
    }

    static Path get(Path folder) throws IOException {
        Path file = folder.resolve(
                "synthetic-llama-%s.gguf".formatted(Version.current().replaceAll("[^0-9A-Za-z.-]", "")));
        if (!isWhole(file)) {
            PrivateFile.createFolder(folder);
            SyntheticModel.builder(Architecture.LLAMA).write(file);
        }
        return file;
    }

    private static boolean isWhole(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            return !GgufFile.read(file).tensors().isEmpty();
        } catch (InvalidGgufException e) {
            return false;
        }
    }
}
