package io.github.panllama;

import io.github.panllama.gguf.DiskSpaceException;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.internal.PartFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The file or files that C writes, under names of their own until they are whole. */
final class QuantizationTarget implements AutoCloseable {
    private final Path nativeName;
    private final List<PartFile> parts;

    private QuantizationTarget(Path nativeName, List<PartFile> parts) {
        this.nativeName = nativeName;
        this.parts = parts;
    }

    /** Refuses a target that is, by whatever name, one of the files that are read. */
    static QuantizationTarget of(QuantizationSource source, Path target, QuantizationOptions options)
            throws IOException {
        Path absolute = target.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null || Files.isDirectory(absolute)) {
            throw new QuantizationException("Cannot write %s: it is a folder".formatted(target), null);
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "there is no such folder");
        }
        int count = options.keepSplit ? source.files().size() : 1;
        QuantizationTarget files = count == 1 ? single(absolute) : split(absolute, count);
        for (Path name : files.names()) {
            for (GgufFile file : source.files()) {
                checkOther(name, file.path(), "the model");
            }
            if (options.importanceMatrix != null) {
                checkOther(name, options.importanceMatrix, "the importance matrix");
            }
        }
        return files;
    }

    private static void checkOther(Path target, Path input, String what) throws IOException {
        if (Files.exists(target) && Files.exists(input) && Files.isSameFile(target, input)) {
            throw new QuantizationException(
                    "The target %s is %s that is to be read; write another file".formatted(target, what), null);
        }
    }

    private static QuantizationTarget single(Path target) {
        PartFile part = PartFile.of(target);
        return new QuantizationTarget(part.path(), List.of(part));
    }

    /** C adds the numbers to the name that it is given. */
    private static QuantizationTarget split(Path target, int count) {
        Path tagged = target.resolveSibling(GgufSplit.prefix(target) + PartFile.tag());
        List<Path> names = GgufSplit.parts(target, count);
        List<Path> written = GgufSplit.parts(tagged, count);
        List<PartFile> parts = IntStream.range(0, count)
                .mapToObj(i -> PartFile.of(written.get(i), names.get(i)))
                .toList();
        return new QuantizationTarget(tagged, parts);
    }

    /** Makes the files, empty, for C to write over: it would open those that replace a private one to everybody. */
    void create() throws IOException {
        for (PartFile part : parts) {
            part.create().close();
        }
    }

    /** What C is told. */
    Path nativeName() {
        return nativeName;
    }

    /** The names that the files will have. */
    List<Path> names() {
        return parts.stream().map(PartFile::target).toList();
    }

    /** Why C stopped. It says nothing of a full disk but that the stream failed. */
    IOException failure(String reason, QuantizationPlan plan) throws IOException {
        long written = 0;
        for (PartFile part : parts) {
            written += Files.exists(part.path()) ? Files.size(part.path()) : 0;
        }
        long usable = PartFile.usableSpace(names().getFirst());
        if (usable < plan.bytesAfter() - written) {
            return new DiskSpaceException(names().getFirst(), plan.bytesAfter(), usable + written);
        }
        if (reason.contains("iostream")) {
            return new IOException(
                    "%s could not be written: after %,d of %,d bytes the disk, a quota or a limit on the size of files"
                                    .formatted(names().getFirst(), written, plan.bytesAfter())
                            + " took no more");
        }
        throw new QuantizationException("Cannot quantise: " + reason, null);
    }

    /** Reads what C wrote: a stream that failed and was not looked at leaves a hole. */
    void check(QuantizationPlan plan) throws IOException {
        Map<String, GgmlType> expected = HashMap.newHashMap(plan.tensors().size());
        plan.tensors().forEach(tensor -> expected.put(tensor.name(), tensor.to()));
        try {
            for (PartFile part : parts) {
                for (GgufTensor tensor : GgufFile.read(part.path()).tensors()) {
                    if (expected.remove(tensor.name()) != tensor.type()) {
                        throw new LlamaException("%s became %s, which was not planned; this is a fault in panllama"
                                .formatted(tensor.name(), tensor.type()));
                    }
                }
            }
        } catch (InvalidGgufException e) {
            throw new IOException(names().getFirst() + " could not be written: " + e.getMessage(), e);
        }
        if (!expected.isEmpty()) {
            throw new IOException("%s could not be written: it lacks %s"
                    .formatted(names().getFirst(), expected.keySet().iterator().next()));
        }
    }

    /** Gives the files their names. */
    void publish() throws IOException {
        PartFile.publish(parts);
    }

    @Override
    public void close() throws IOException {
        for (PartFile part : parts) {
            part.close();
        }
    }
}
