package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The files of a model, read by Java before C sees them, and what their metadata says about limits. */
final class ModelFiles {
    private static final int CACHE_BLOCK = 32;
    /** Architectures that C makes so without asking their metadata. */
    private static final Set<String> NOT_CAUSAL = Set.of("dream", "gemma-embedding", "llada", "llada-moe", "rnd1");

    private static final int SAMPLES = 32;
    private static final int SAMPLE_BYTES = 4096;

    private final List<GgufFile> files;
    private final String architecture;
    private final String fingerprint;
    private final MetadataOverrides overrides;
    private final LoadMode loadMode;

    private ModelFiles(List<GgufFile> files, ModelOptions options) {
        this.files = files;
        this.architecture = files.getFirst().metadata().architecture().orElse("");
        this.fingerprint = digest(files);
        this.overrides = MetadataOverrides.of(options, architecture);
        this.loadMode = ModelParams.loadMode(options, paths());
    }

    /** Reads the headers. {@code ModelLoadException} names the file and what is wrong with it. */
    static ModelFiles check(List<Path> paths, ModelOptions options) {
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("No model file is given");
        }
        try {
            List<GgufFile> files = new ArrayList<>();
            files.add(readNamed(paths.getFirst()));
            checkCount(files.getFirst(), paths);
            if (paths.size() == 1) {
                GgufSplit.others(files.getFirst()).forEach(path -> files.add(read(path)));
            }
            paths.stream().skip(1).forEach(path -> files.add(readNamed(path)));
            ModelFiles model = new ModelFiles(List.copyOf(files), options);
            if (model.architecture.isEmpty()) {
                throw new ModelLoadException(
                        "Cannot load %s: it has no general.architecture, so it is no model".formatted(model.name()),
                        List.of());
            }
            if (model.metadata().isAdapter()) {
                throw new ModelLoadException(
                        "Cannot load %s: it is an adapter, not a model".formatted(model.name()), List.of());
            }
            model.checkExperts(options);
            model.overrides.check(model.metadata());
            if (options.trust.check(model.paths())) {
                GgufValidator.of(model.files, model.overrides.asMetadata()).validate();
            }
            return model;
        } catch (InvalidGgufException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(paths.getFirst(), e.getMessage()), e);
        }
    }

    /** C takes the first file and leaves the rest where they are no parts of one model. One file finds the others. */
    private static void checkCount(GgufFile first, List<Path> paths) {
        long count = Math.max(1, first.metadata().longValue("split.count", 1));
        if (paths.size() > 1 && paths.size() != count) {
            throw new ModelLoadException(
                    "Cannot load %s: the model has %d files, given are %d"
                            .formatted(first.path().getFileName(), count, paths.size()),
                    List.of());
        }
    }

    private static GgufFile readNamed(Path path) {
        Check.text("path", path.toString());
        return read(path);
    }

    static GgufFile read(Path path) {
        try {
            if (Files.isDirectory(path)) {
                throw new ModelLoadException("Cannot load %s: it is a folder".formatted(path), List.of());
            }
            return GgufFile.read(path);
        } catch (InvalidGgufException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(path, e.getMessage()), e);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new ModelLoadException("Cannot load %s: there is no such file".formatted(path), e);
        } catch (IOException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(path, e), e);
        }
    }

    /** More active experts than there are end the process in C. */
    private void checkExperts(ModelOptions options) {
        String key = architecture + ".expert_used_count";
        Object wanted =
                options.activeExperts != null ? (Object) (long) options.activeExperts : options.overrides.get(key);
        if (wanted instanceof Long active) {
            int experts = metadata().intValue(architecture + ".expert_count", 0);
            if (active < 1 || active > experts) {
                throw new IllegalArgumentException(
                        experts == 0
                                ? "activeExperts is %d, but %s has no experts".formatted(active, name())
                                : "activeExperts is %d, must be in [1, %d]".formatted(active, experts));
            }
        }
    }

    /** What the options of this load replace in the metadata. */
    MetadataOverrides overrides() {
        return overrides;
    }

    /** How they are loaded, as the options and the files' permissions have it. */
    LoadMode loadMode() {
        return loadMode;
    }

    /** The headers, in order. */
    List<GgufFile> files() {
        return files;
    }

    List<Path> paths() {
        return files.stream().map(GgufFile::path).toList();
    }

    /** A digest that tells this model from others, taken before it is loaded. */
    String fingerprint() {
        return fingerprint;
    }

    /** Of the headers, and of samples of the weights: reading all of them would take as long as loading. */
    private static String digest(List<GgufFile> files) {
        MessageDigest digest = StateFormat.sha256();
        for (GgufFile file : files) {
            try (FileChannel channel = FileChannel.open(file.path())) {
                digest.update(
                        ByteBuffer.allocate(Long.BYTES).putLong(file.fileSize()).flip());
                // A header of a vocabulary of 150,000 tokens has some 10 MB.
                update(digest, channel, 0, Math.toIntExact(file.dataOffset()));
                long weights = Math.max(0, file.fileSize() - file.dataOffset() - SAMPLE_BYTES);
                for (int i = 0; i < SAMPLES; i++) {
                    update(digest, channel, file.dataOffset() + weights / (SAMPLES - 1) * i, SAMPLE_BYTES);
                }
            } catch (IOException e) {
                throw new ModelLoadException("Cannot load %s: %s".formatted(file.path(), e), e);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, FileChannel channel, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {}
        digest.update(buffer.flip());
    }

    String name() {
        Path name = files.getFirst().path().getFileName();
        return name == null ? files.getFirst().path().toString() : name.toString();
    }

    String architecture() {
        return architecture;
    }

    GgufMetadata metadata() {
        return files.getFirst().metadata();
    }

    /** Whether a token attends only to those before it, as far as the model decides. */
    boolean isCausal() {
        if (NOT_CAUSAL.contains(architecture)) {
            return false;
        }
        String key = architecture + ".attention.causal";
        if (overrides.values().get(key) instanceof Boolean causal) {
            return causal;
        }
        // C refuses a file where it is no truth value.
        return !(metadata().find(key).orElse(null) instanceof GgufValue.Bool causal) || causal.value();
    }

    /** Bound of positions: the rows of the position table, in a model that has one. */
    int maxPositions() {
        return files.stream()
                .flatMap(file -> file.tensor("position_embd.weight").stream())
                .map(GgufTensor::rows)
                .findFirst()
                .map(rows -> (int) Math.min(rows, Integer.MAX_VALUE))
                .orElse(Integer.MAX_VALUE);
    }

    /** A number of the architecture's own; 0 when the model does not have it. */
    int figure(String key) {
        return number(architecture + '.' + key).orElse(0);
    }

    boolean hasTensor(String name) {
        return tensor(name).isPresent();
    }

    Optional<GgufTensor> tensor(String name) {
        return files.stream().flatMap(file -> file.tensor(name).stream()).findFirst();
    }

    /** Quantised caches are made of blocks, which a head's values must fill. */
    void checkCacheTypes(KvCacheType keys, KvCacheType values) {
        headLength("key_length").ifPresent(length -> checkCacheType("keys", keys, length));
        headLength("value_length").ifPresent(length -> checkCacheType("values", values, length));
    }

    private static void checkCacheType(String what, KvCacheType type, int headLength) {
        if (type.isQuantized() && headLength % CACHE_BLOCK != 0) {
            throw new IllegalArgumentException(
                    "kvCacheType %s for %s needs heads of a multiple of %d values; this model's have %d"
                            .formatted(type, what, CACHE_BLOCK, headLength));
        }
    }

    /** Bytes of keys and values that each token takes, at least; 0 where layers differ too much to say. */
    long cacheBytesPerToken(KvCacheType keys, KvCacheType values) {
        boolean uniform = number(architecture + ".attention.sliding_window").isEmpty()
                && metadata().asMap().keySet().stream().noneMatch(key -> key.startsWith(architecture + ".ssm."));
        Optional<Integer> heads = number(architecture + ".attention.head_count_kv")
                .or(() -> number(architecture + ".attention.head_count"));
        if (!uniform || heads.isEmpty()) {
            return 0;
        }
        // Latent attention keeps no values, and layers that predict have no part in the cache.
        boolean latent = figure("attention.key_length_mla") != 0 && figure("attention.value_length_mla") != 0;
        int layers = figure("block_count") - figure("nextn_predict_layers");
        double bytes = headLength("key_length").orElse(0) * keys.bytesPerValue()
                + (latent ? 0 : headLength("value_length").orElse(0) * values.bytesPerValue());
        return (long) (bytes * heads.get() * Math.max(0, layers));
    }

    /** Keys or values of a token, as {@code length} has it, in the widest layer; 0 where that is not known. */
    long cacheWidth(String length) {
        long heads = most("attention.head_count_kv")
                .or(() -> most("attention.head_count"))
                .orElse(0L);
        return heads * headLength(length).orElse(0);
    }

    /** A number, or the largest of those that the layers have. */
    private Optional<Long> most(String key) {
        return metadata().find(architecture + '.' + key).flatMap(value -> switch (value) {
            case GgufValue.Whole number -> Optional.of(number.value());
            case GgufValue.Array numbers
            when numbers.elementType().isInteger() ->
                IntStream.range(0, numbers.size()).mapToObj(numbers::longAt).max(Long::compare);
            default -> Optional.empty();
        });
    }

    private Optional<Integer> headLength(String key) {
        Optional<Integer> given = number(architecture + ".attention." + key);
        if (given.isPresent()) {
            return given;
        }
        Optional<Integer> heads = number(architecture + ".attention.head_count").filter(count -> count > 0);
        return heads.flatMap(count -> number(architecture + ".embedding_length").map(length -> length / count));
    }

    /** A number that is one for all layers; empty where each layer has its own, or where it is no such number. */
    private Optional<Integer> number(String key) {
        return metadata().find(key).orElse(null) instanceof GgufValue.Whole number
                        && number.value() == (int) number.value()
                ? Optional.of((int) number.value())
                : Optional.empty();
    }
}
