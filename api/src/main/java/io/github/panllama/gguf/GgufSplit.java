package io.github.panllama.gguf;

import io.github.panllama.internal.PartFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Models in several files: takes one apart and puts one together. Names and keys are llama.cpp's, which loads the parts
 * by the name of the first, such as {@code m-00001-of-00003.gguf}. All metadata is in the first part.
 */
public final class GgufSplit {
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);
    private static final String NUMBER = PartRules.NUMBER;
    private static final String COUNT = PartRules.COUNT;
    private static final String TENSORS = PartRules.TENSORS;
    private static final int MAX_PARTS = 65_535;

    /**
     * How large parts may become.
     *
     * @param maxTensors the most tensors in a part
     * @param maxBytes the most bytes of tensor data in a part; a larger tensor has a part of its own
     * @param emptyFirst whether the first part has metadata alone
     */
    public record Limits(int maxTensors, long maxBytes, boolean emptyFirst) {
        /** Checks that both limits are positive. */
        public Limits {
            if (maxTensors < 1 || maxBytes < 1) {
                throw new IllegalArgumentException(
                        "at most %d tensors and %d bytes: both must be positive".formatted(maxTensors, maxBytes));
            }
        }

        /**
         * At most so many tensors in each part.
         *
         * @param tensors a positive number
         * @return the limits
         */
        public static Limits ofTensors(int tensors) {
            return new Limits(tensors, Long.MAX_VALUE, false);
        }

        /**
         * At most so much tensor data in each part.
         *
         * @param bytes a positive number
         * @return the limits
         */
        public static Limits ofBytes(long bytes) {
            return new Limits(Integer.MAX_VALUE, bytes, false);
        }
    }

    private GgufSplit() {}

    /**
     * The files that belong to the first part of a model, found by its name.
     *
     * @param first a file
     * @return the other parts in order; none when the file is the whole model
     * @throws InvalidGgufException if the file is a part but not the first, or its name does not tell those of the others
     */
    public static List<Path> others(GgufFile first) {
        long count = first.metadata().longValue(COUNT, 0);
        if (count <= 1) {
            return List.of();
        }
        long number = first.metadata().longValue(NUMBER, 0);
        if (number != 0) {
            throw new InvalidGgufException(
                    "it is part %d of %d; load the first".formatted(number + 1, count), -1, null);
        }
        Matcher name = NAME.matcher(String.valueOf(first.path().getFileName()));
        if (!name.matches() || Integer.parseInt(name.group(2)) != 1 || Integer.parseInt(name.group(3)) != count) {
            throw new InvalidGgufException(
                    "it is the first of %d parts, and its name does not end in %s: name them all"
                            .formatted(count, partName("", 0, (int) count)),
                    -1,
                    null);
        }
        return IntStream.range(1, (int) count)
                .mapToObj(part -> first.path().resolveSibling(partName(name.group(1), part, (int) count)))
                .toList();
    }

    /**
     * The name that the parts of a model have in common.
     *
     * @param file a part, or the file that is to become several
     * @return its name without the numbers of a part, or without its end {@code .gguf}
     */
    public static String prefix(Path file) {
        String name = String.valueOf(file.getFileName());
        Matcher part = NAME.matcher(name);
        if (part.matches()) {
            return part.group(1);
        }
        return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }

    /**
     * The name of a part.
     *
     * @param prefix what the parts have in common
     * @param index 0 to {@code count} - 1
     * @param count how many parts there are
     * @return such as {@code m-00001-of-00003.gguf} for index 0
     */
    public static String partName(String prefix, int index, int count) {
        Objects.requireNonNull(prefix, "prefix");
        return String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", prefix, index + 1, count);
    }

    /**
     * The names of parts.
     *
     * @param target what they have in common; an end {@code .gguf} is left out
     * @param count how many parts there are
     * @return the parts, in order, there or not
     * @throws IllegalArgumentException if the count is not from 1 to 65,535
     */
    public static List<Path> parts(Path target, int count) {
        if (count < 1 || count > MAX_PARTS) {
            throw new IllegalArgumentException("there would be %d parts, must be 1 to %d".formatted(count, MAX_PARTS));
        }
        String prefix = prefix(target);
        return IntStream.range(0, count)
                .mapToObj(part -> target.resolveSibling(partName(prefix, part, count)))
                .toList();
    }

    /**
     * What {@link #split} writes.
     *
     * @param file a whole model
     * @param target the name that the parts have in common; an end {@code .gguf} is left out
     * @param limits how large the parts may become
     * @return the parts, in order, there or not
     * @throws IllegalArgumentException if there would be more than 65,535 parts
     */
    public static List<Path> parts(GgufFile file, Path target, Limits limits) {
        return parts(target, groups(file, limits).size());
    }

    /**
     * Takes a model apart. The parts appear under their names when all are complete, and replace what was there.
     *
     * @param file a whole model
     * @param target the name that the parts have in common; an end {@code .gguf} is left out
     * @param limits how large the parts may become
     * @return the parts, in order
     * @throws IllegalArgumentException if there would be more than 65,535 parts
     * @throws InvalidGgufException if the file is a part already
     * @throws DiskSpaceException if there is no room for the parts
     * @throws IOException if reading or writing fails; nothing is left behind then
     */
    public static List<Path> split(GgufFile file, Path target, Limits limits) throws IOException {
        if (file.metadata().longValue(COUNT, 0) > 1) {
            throw new InvalidGgufException("the file is a part of a model already; merge it first", -1, COUNT);
        }
        List<Path> names = parts(file, target, limits);
        List<List<GgufTensor>> groups = groups(file, limits);
        List<GgufWriter> writers = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            writers.add(part(file, groups.get(i), i, groups.size()));
        }
        for (Path name : names) {
            if (Files.exists(name) && Files.isSameFile(name, file.path())) {
                throw new IllegalArgumentException(
                        name + " is the file that is to be taken apart; choose another name");
            }
        }
        write(writers, names);
        return names;
    }

    private static GgufWriter part(GgufFile file, List<GgufTensor> tensors, int index, int count) {
        GgufWriter writer = new GgufWriter();
        if (index == 0) {
            writer.putAll(file);
        }
        writer.put(NUMBER, new GgufValue.Whole(GgufType.UINT16, index))
                .put(COUNT, new GgufValue.Whole(GgufType.UINT16, count))
                .put(TENSORS, GgufValue.int32(file.tensors().size()));
        tensors.forEach(tensor -> writer.copyTensor(file, tensor));
        return writer;
    }

    private static List<List<GgufTensor>> groups(GgufFile file, Limits limits) {
        List<List<GgufTensor>> groups = new ArrayList<>();
        List<GgufTensor> group = new ArrayList<>();
        if (limits.emptyFirst()) {
            groups.add(List.of());
        }
        long bytes = 0;
        for (GgufTensor tensor : file.tensors()) {
            long size = TensorLayout.pad(tensor.byteSize(), GgufReader.DEFAULT_ALIGNMENT);
            boolean full = group.size() >= limits.maxTensors() || bytes + size > limits.maxBytes();
            if (full && !group.isEmpty()) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(tensor);
            bytes += size;
        }
        groups.add(group);
        return groups;
    }

    private static void write(List<GgufWriter> writers, List<Path> names) throws IOException {
        long needed = writers.stream().mapToLong(GgufWriter::size).sum();
        long usable = PartFile.usableSpace(names.getFirst());
        if (usable < needed) {
            throw new DiskSpaceException(names.getFirst(), needed, usable);
        }
        List<PartFile> parts = names.stream().map(PartFile::of).toList();
        try {
            for (int i = 0; i < parts.size(); i++) {
                writers.get(i).writeTo(parts.get(i));
            }
            PartFile.publish(parts);
        } finally {
            for (PartFile part : parts) {
                part.close();
            }
        }
    }

    /**
     * Puts a model together. The file appears under its name only when it is complete, and replaces what was there.
     *
     * @param first the first part, beside the others
     * @param target the file to write
     * @throws InvalidGgufException if the parts are not those of one model
     * @throws DiskSpaceException if there is no room for the file
     * @throws IOException if reading or writing fails; nothing is left behind then
     */
    public static void merge(GgufFile first, Path target) throws IOException {
        Objects.requireNonNull(target, "target");
        List<Path> others = others(first);
        if (others.isEmpty()) {
            throw new InvalidGgufException("the file is a whole model, not the first of several parts", -1, COUNT);
        }
        List<GgufFile> files = new ArrayList<>(List.of(first));
        for (Path path : others) {
            files.add(GgufFile.read(path));
        }
        PartRules.check(new ModelHeader(files, Map.of()));
        checkNotPart(files, target);
        GgufWriter writer =
                new GgufWriter().putAll(first).remove(NUMBER).remove(COUNT).remove(TENSORS);
        files.forEach(file -> file.tensors().forEach(tensor -> writer.copyTensor(file, tensor)));
        writer.write(target);
    }

    private static void checkNotPart(List<GgufFile> files, Path target) throws IOException {
        for (GgufFile file : files) {
            if (Files.exists(target) && Files.isSameFile(target, file.path())) {
                throw new IllegalArgumentException(target + " is one of the parts; choose another name");
            }
        }
    }
}
