package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of native libraries.
 *
 * @param path the folder
 * @param origin how it was found
 * @param files what is in it, in load order
 */
record NativeFolder(Path path, Origin origin, List<NativeFile> files) {
    private static final int ELF_HEADER_BYTES = 64;
    private static final int ELF_MAGIC = 0x7f454c46;

    /**
     * Opens a folder that the user named. With an {@code index.properties} in it, each file must be what the index
     * says; without one, libraries are known by their names.
     *
     * @throws NativeLoadException if a library is missing or damaged
     */
    static NativeFolder open(Path path, Origin origin) {
        if (!Files.isDirectory(path)) {
            throw new NativeLoadException("%s names %s, which is no folder".formatted(origin, path));
        }
        try {
            Path indexFile = path.resolve(NativeIndex.FILE_NAME);
            NativeFolder folder;
            if (Files.exists(indexFile)) {
                NativeIndex index = NativeIndex.parse(Files.readAllBytes(indexFile), indexFile.toString());
                folder = new NativeFolder(path, origin, index.files());
            } else {
                folder = new NativeFolder(path, origin, byName(path));
            }
            folder.requireRoles();
            folder.verify("build or unpack the folder again");
            return folder;
        } catch (IOException e) {
            throw new NativeLoadException("cannot read %s (%s)".formatted(path, origin), e);
        }
    }

    /** The file's place. */
    Path resolve(NativeFile file) {
        return path.resolve(file.name());
    }

    /** The files of a role, in load order. */
    List<NativeFile> files(NativeFile.Role role) {
        return files.stream().filter(file -> file.role() == role).toList();
    }

    /**
     * Checks every file against what it is expected to be.
     *
     * @param remedy what the user can do about a damaged file
     * @throws NativeLoadException naming the first file that is not, and both sizes or digests
     */
    void verify(String remedy) {
        for (NativeFile file : files) {
            Path place = resolve(file);
            String fault;
            try {
                fault = fault(place, file.expected());
            } catch (IOException e) {
                throw new NativeLoadException("cannot read " + place, e);
            }
            if (fault != null) {
                throw new NativeLoadException("%s %s; %s".formatted(place, fault, remedy));
            }
        }
    }

    private static @Nullable String fault(Path place, NativeFile.@Nullable Expected expected) throws IOException {
        if (!Files.isRegularFile(place)) {
            return "is missing";
        }
        long size = Files.size(place);
        if (expected == null) {
            long whole = elfSize(place);
            return size < whole ? "is truncated: it has %d bytes of %d".formatted(size, whole) : null;
        }
        if (size != expected.size()) {
            return "is damaged: it has %d bytes instead of %d".formatted(size, expected.size());
        }
        String sha256 = Sha256.of(place);
        return sha256.equals(expected.sha256())
                ? null
                : "is damaged: its SHA-256 is %s instead of %s".formatted(sha256, expected.sha256());
    }

    /**
     * Where the last part of a 64-bit ELF file, its section table, ends; 0 for other files. A library cut short is
     * mapped all the same, and the process dies of SIGBUS when it reads what is not there.
     */
    private static long elfSize(Path place) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(ELF_HEADER_BYTES);
        try (FileChannel channel = FileChannel.open(place)) {
            if (channel.read(header) < ELF_HEADER_BYTES) {
                return ELF_HEADER_BYTES;
            }
        }
        if (header.getInt(0) != ELF_MAGIC || header.get(4) != 2) {
            return 0;
        }
        header.order(header.get(5) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        return header.getLong(40)
                + (long) Short.toUnsignedInt(header.getShort(58)) * Short.toUnsignedInt(header.getShort(60));
    }

    private void requireRoles() {
        Set<NativeFile.Role> missing =
                EnumSet.of(NativeFile.Role.BASE, NativeFile.Role.LIBRARY, NativeFile.Role.SHIM, NativeFile.Role.CPU);
        files.forEach(file -> missing.remove(file.role()));
        if (!missing.isEmpty()) {
            String names = missing.stream()
                    .map(role -> switch (role) {
                        case BASE -> "libggml-base";
                        case LIBRARY -> "libggml, libllama";
                        case SHIM -> "libpanllama";
                        default -> "libggml-cpu-*";
                    })
                    .collect(Collectors.joining(", "));
            throw new NativeLoadException("%s (%s) lacks %s".formatted(path, origin, names));
        }
    }

    private static List<NativeFile> byName(Path path) throws IOException {
        Map<String, NativeFile> byStem = new TreeMap<>();
        try (Stream<Path> entries = Files.list(path)) {
            entries.map(entry -> Objects.requireNonNull(entry.getFileName()).toString())
                    // libllama.so before libllama.so.0 and libllama.so.0.5.0, which are the same library
                    .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                    .forEach(name -> {
                        String stem = NativeFile.stem(name);
                        if (stem != null) {
                            byStem.putIfAbsent(stem, new NativeFile(name, NativeFile.roleOf(stem), null));
                        }
                    });
        }
        // By role, then by name: ggml before llama before llama-common, as they need each other.
        return byStem.values().stream()
                .sorted(Comparator.comparing(NativeFile::role))
                .toList();
    }
}
