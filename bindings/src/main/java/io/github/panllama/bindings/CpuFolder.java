package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder from which ggml loads the CPU backend. That is the libraries' own, unless a plugin lies there that must not be
 * loaded: ggml would take it all the same. Then it is another one, for as long as the loading lasts, which leads to the
 * CPU's libraries alone.
 */
final class CpuFolder implements AutoCloseable {
    private final Path path;
    private final boolean temporary;

    private CpuFolder(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /**
     * The folder.
     *
     * @param refused plugins that must not be loaded
     * @throws NativeLoadException if one has to be made and cannot be
     */
    static CpuFolder of(NativeFolder core, List<Path> refused) {
        if (refused.stream().noneMatch(plugin -> core.path().equals(plugin.getParent()))) {
            return new CpuFolder(core.path(), false);
        }
        try {
            CpuFolder folder = new CpuFolder(Files.createTempDirectory("panllama-cpu-"), true);
            for (NativeFile file : core.files(NativeFile.Role.CPU)) {
                link(folder.path.resolve(file.name()), core.resolve(file).toAbsolutePath());
            }
            return folder;
        } catch (IOException e) {
            throw new NativeLoadException("no folder for the libraries of the CPU can be made: " + e, e);
        }
    }

    private static void link(Path link, Path file) throws IOException {
        try {
            Files.createSymbolicLink(link, file);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, link); // Windows allows links to some users only
        }
    }

    Path path() {
        return path;
    }

    /** Deletes it, where it is temporary. What cannot be deleted, such as a library in use on Windows, is left. */
    @Override
    public void close() {
        if (!temporary) {
            return;
        }
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // As said above.
        }
    }
}
