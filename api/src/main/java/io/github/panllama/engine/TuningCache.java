package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.engine.EngineTuning.Source;
import io.github.panllama.engine.EngineTuning.Trial;
import io.github.panllama.internal.PartFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Remembers tunings in the user's cache folder, by all that they depend on: model, machine, release and options. What
 * cannot be read or written is as if it were not there.
 */
final class TuningCache {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private static final Pattern SEMICOLON = Pattern.compile(";");

    private final Path file;

    TuningCache(Path file) {
        this.file = file;
    }

    static TuningCache of(LlamaModel model, int sequences, ContextOptions given, boolean mayBeSplit) {
        String key = List.of(
                        Calibration.METHOD,
                        Llama.release(),
                        Llama.cpuVariant(),
                        Runtime.getRuntime().availableProcessors(),
                        Device.all(),
                        model.fingerprint(),
                        model.isOffloaded(),
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

    Optional<EngineTuning> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties values = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            values.load(in);
            return Optional.of(new EngineTuning(
                    number(values, "threads"),
                    number(values, "batchThreads"),
                    Boolean.parseBoolean(values.getProperty("flashAttention")),
                    Boolean.parseBoolean(values.getProperty("unifiedKvCache")),
                    Source.REMEMBERED,
                    trials(values.getProperty("trials", ""))));
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "The tuning in " + file + " cannot be read, and is measured again", e);
            return Optional.empty();
        }
    }

    private static int number(Properties values, String name) {
        int number = Integer.parseInt(values.getProperty(name, ""));
        if (number < 1 || number > Runtime.getRuntime().availableProcessors()) {
            throw new IllegalArgumentException("%s is %d".formatted(name, number));
        }
        return number;
    }

    private static List<Trial> trials(String text) {
        return SEMICOLON
                .splitAsStream(text)
                .filter(part -> !part.isEmpty())
                .map(TuningCache::trial)
                .toList();
    }

    private static Trial trial(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("A trial has %d parts, must have 5".formatted(parts.length));
        }
        return new Trial(
                Integer.parseInt(parts[0]),
                Boolean.parseBoolean(parts[1]),
                Boolean.parseBoolean(parts[2]),
                Integer.parseInt(parts[3]),
                Double.parseDouble(parts[4]));
    }

    void write(EngineTuning tuning) {
        Properties values = new Properties();
        values.setProperty("threads", Integer.toString(tuning.threads()));
        values.setProperty("batchThreads", Integer.toString(tuning.batchThreads()));
        values.setProperty("flashAttention", Boolean.toString(tuning.flashAttention()));
        values.setProperty("unifiedKvCache", Boolean.toString(tuning.unifiedKvCache()));
        values.setProperty(
                "trials",
                tuning.trials().stream()
                        .map(trial -> "%d,%b,%b,%d,%s"
                                .formatted(
                                        trial.threads(),
                                        trial.flashAttention(),
                                        trial.unifiedKvCache(),
                                        trial.sequences(),
                                        Double.toString(trial.microseconds())))
                        .collect(Collectors.joining(";")));
        try {
            Files.createDirectories(file.getParent());
            try (PartFile part = PartFile.of(file)) {
                try (OutputStream out = Channels.newOutputStream(part.create())) {
                    values.store(out, null);
                }
                part.publishUnsynced();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The tuning cannot be kept in " + file, e);
        }
    }
}
