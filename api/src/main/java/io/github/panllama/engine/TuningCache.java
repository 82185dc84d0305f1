package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.bindings.NativeRuntime;
import io.github.panllama.bindings.PrivateFolder;
import io.github.panllama.engine.EngineTuning.Source;
import io.github.panllama.engine.EngineTuning.Trial;
import io.github.panllama.internal.PartFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * Remembers tunings in the user's cache folder, by all that they depend on: model, machine, release and options. What
 * cannot be read or written is as if it were not there.
 */
final class TuningCache {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private static final Pattern SEMICOLON = Pattern.compile(";");
    private static final Pattern TRUTH = Pattern.compile("true|false");
    static final String CHECKSUM = "checksum";
    /** Some thirty trials are tried. */
    private static final int MAX_BYTES = 1 << 16;

    private static final int MAX_TRIALS = 256;

    private final Path file;

    TuningCache(Path file) {
        this.file = file;
    }

    static TuningCache of(LlamaModel model, int sequences, ContextOptions given, boolean mayBeSplit) {
        return of(model, sequences, given, mayBeSplit, NativeRuntime.get().acceleratorIdentity());
    }

    /**
     * The same.
     *
     * @param accelerators the GPUs' plugins and drivers: another one computes at another speed
     */
    static TuningCache of(
            LlamaModel model, int sequences, ContextOptions given, boolean mayBeSplit, String accelerators) {
        String key = List.of(
                        Calibration.METHOD,
                        Llama.release(),
                        Llama.cpuVariant(),
                        Runtime.getRuntime().availableProcessors(),
                        Device.all(),
                        accelerators,
                        model.fingerprint(),
                        model.isOffloaded(),
                        model.devices(),
                        model.splitMode(),
                        sequences,
                        mayBeSplit,
                        given.threads(),
                        given.batchThreads(),
                        given.flashAttention(),
                        given.unifiedKvCache(),
                        given.keyCacheType(),
                        given.valueCacheType())
                .toString();
        String name = UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8)) + ".properties";
        return new TuningCache(Llama.cacheFolder().resolve("tuning").resolve(name));
    }

    Path file() {
        return file;
    }

    Optional<EngineTuning> read() {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException("It has more than %d bytes".formatted(MAX_BYTES));
            }
            return Optional.of(parse(bytes));
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "The tuning in " + file + " cannot be read, and is measured again", e);
            return Optional.empty();
        }
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @throws IllegalArgumentException if it is something else, damaged, or of a machine with more processors
     */
    static EngineTuning parse(byte[] bytes) {
        Properties values = new Properties();
        try {
            values.load(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read from anywhere
        }
        if (!checksum(values).equals(values.getProperty(CHECKSUM))) {
            throw new IllegalArgumentException("The checksum does not match");
        }
        return new EngineTuning(
                number(values, "threads"),
                number(values, "batchThreads"),
                truth(values.getProperty("flashAttention", "")),
                truth(values.getProperty("unifiedKvCache", "")),
                Source.REMEMBERED,
                trials(values.getProperty("trials", "")));
    }

    /** Of all other values, whatever their order: a file that was cut short has lost some. */
    static String checksum(Properties values) {
        CRC32 checksum = new CRC32();
        new TreeMap<>(values).forEach((name, value) -> {
            if (!name.equals(CHECKSUM)) {
                checksum.update("%s=%s\n".formatted(name, value).getBytes(StandardCharsets.UTF_8));
            }
        });
        return Long.toHexString(checksum.getValue());
    }

    private static int number(Properties values, String name) {
        int number = Integer.parseInt(values.getProperty(name, ""));
        if (number < 1 || number > Runtime.getRuntime().availableProcessors()) {
            throw new IllegalArgumentException("%s is %d".formatted(name, number));
        }
        return number;
    }

    private static boolean truth(String text) {
        if (!TRUTH.matcher(text).matches()) {
            throw new IllegalArgumentException("\"%s\" is neither true nor false".formatted(text));
        }
        return Boolean.parseBoolean(text);
    }

    private static List<Trial> trials(String text) {
        List<Trial> trials = SEMICOLON
                .splitAsStream(text)
                .filter(part -> !part.isEmpty())
                .limit(MAX_TRIALS + 1)
                .map(TuningCache::trial)
                .toList();
        if (trials.size() > MAX_TRIALS) {
            throw new IllegalArgumentException("There are more than %d trials".formatted(MAX_TRIALS));
        }
        return trials;
    }

    private static Trial trial(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("A trial has %d parts, must have 5".formatted(parts.length));
        }
        return new Trial(
                Integer.parseInt(parts[0]),
                truth(parts[1]),
                truth(parts[2]),
                Integer.parseInt(parts[3]),
                Double.parseDouble(parts[4]));
    }

    static byte[] format(EngineTuning tuning) throws IOException {
        Properties values = new Properties();
        values.setProperty("threads", Integer.toString(tuning.threads()));
        values.setProperty("batchThreads", Integer.toString(tuning.batchThreads()));
        values.setProperty("flashAttention", Boolean.toString(tuning.flashAttention()));
        values.setProperty("unifiedKvCache", Boolean.toString(tuning.unifiedKvCache()));
        values.setProperty(
                "trials", tuning.trials().stream().map(TuningCache::format).collect(Collectors.joining(";")));
        values.setProperty(CHECKSUM, checksum(values));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        values.store(bytes, null);
        return bytes.toByteArray();
    }

    private static String format(Trial trial) {
        return String.format(
                Locale.ROOT,
                "%d,%b,%b,%d,%s",
                trial.threads(),
                trial.flashAttention(),
                trial.unifiedKvCache(),
                trial.sequences(),
                Double.toString(trial.microseconds()));
    }

    void write(EngineTuning tuning) {
        try {
            PrivateFolder.create(Objects.requireNonNull(file.toAbsolutePath().getParent(), "folder"));
            try (PartFile part = PartFile.of(file)) {
                try (OutputStream out = Channels.newOutputStream(part.createPrivate())) {
                    out.write(format(tuning));
                }
                part.publishUnsynced();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The tuning cannot be kept in " + file, e);
        }
    }
}
