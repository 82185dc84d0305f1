package io.github.panllama.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The folder into which native jars are unpacked, once for each content: its folders are named by release and by the
 * digest of the index, so that versions live beside each other and none is ever changed.
 *
 * <p>Any number of JVMs may unpack at once. Each writes to a folder of its own and renames it; who comes second finds the
 * place taken, and uses what is there.
 */
final class NativeCache {
    private static final String CHOOSE_ANOTHER =
            "choose another folder with -D%s or %s".formatted(CacheFolder.PROPERTY, CacheFolder.VARIABLE);
    private static final int DIGEST_CHARS = 16;

    private final Path root;

    NativeCache(Path root) {
        this.root = root;
    }

    /**
     * The folder with the package's files, unpacked if it is not there yet.
     *
     * @throws NativeLoadException if it cannot be unpacked, or if a file there is not what the index says
     */
    NativeFolder unpack(NativePackage source) {
        NativeIndex index = source.index();
        String name = "%s-%s-%s-%s"
                .formatted(
                        index.release(),
                        index.platform(),
                        index.isCore() ? "core" : index.plugin(),
                        index.digest().substring(0, DIGEST_CHARS));
        Path target = root.resolve(name);
        NativeFolder folder = new NativeFolder(target, Origin.CACHE, index.files());
        try {
            if (!Files.isDirectory(target)) {
                unpackInto(target, source);
            }
            requirePrivate(target);
        } catch (IOException e) {
            throw new NativeLoadException(
                    "cannot unpack the native libraries into %s: %s; %s".formatted(target, e, CHOOSE_ANOTHER), e);
        }
        // At every start. In a cold JVM the 31 MB of core libraries take 0.2 s of processor time, most of it until the
        // digest is compiled, and the 159 MB of CUDA's plugin 0.25 s.
        folder.verify("delete the folder " + target + ", and it will be unpacked again");
        return folder;
    }

    private void unpackInto(Path target, NativePackage source) throws IOException {
        PrivateFolder.create(root);
        Path temporary = Files.createTempDirectory(root, ".unpacking-", PrivateFolder.attributes(root));
        try {
            for (NativeFile file : source.index().files()) {
                unpackFile(source, file, temporary.resolve(file.name()));
            }
            write(temporary.resolve(NativeIndex.FILE_NAME), source.index().bytes());
            sync(temporary);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException e) {
                if (!Files.isDirectory(target)) {
                    throw e;
                }
                // Another JVM was faster; its files are verified like ours.
            }
            sync(root);
        } finally {
            delete(temporary);
        }
    }

    private static void unpackFile(NativePackage source, NativeFile file, Path place) throws IOException {
        NativeFile.Expected expected = Objects.requireNonNull(file.expected());
        String sha256;
        try (InputStream in = source.open(file.name());
                FileChannel channel =
                        FileChannel.open(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = Channels.newOutputStream(channel);
            sha256 = Sha256.copy(in, out);
            channel.force(true);
        }
        if (Files.size(place) != expected.size() || !sha256.equals(expected.sha256())) {
            throw new NativeLoadException(
                    "%s in the native jar is damaged: %d bytes with SHA-256 %s instead of %d with %s; get the jar again (%s)"
                            .formatted(
                                    file.name(),
                                    Files.size(place),
                                    sha256,
                                    expected.size(),
                                    expected.sha256(),
                                    source.base()));
        }
    }

    private static void write(Path place, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.UTF_8.encode(text));
            channel.force(true);
        }
    }

    /** Makes names durable, where folders can be opened. */
    private static void sync(Path folder) throws IOException {
        if (PrivateFolder.isPosix(folder)) {
            try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }

    /** Somebody else who can write here could put another library in the place of a verified one. */
    private void requirePrivate(Path folder) throws IOException {
        String fault = PrivateFolder.fault(folder);
        if (fault != null) {
            throw new NativeLoadException("%s: delete it, or %s".formatted(fault, CHOOSE_ANOTHER));
        }
        if (PrivateFolder.isExchangeable(root)) {
            throw new NativeLoadException(
                    "everybody may write to %s: take that permission away, or %s".formatted(root, CHOOSE_ANOTHER));
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(folder)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }

    /** Reads a resource, without the JVM's jar cache keeping the jar open. */
    static InputStream open(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }
}
