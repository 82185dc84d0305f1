package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Where, when and with what a benchmark ran.
 *
 * @param facts by their names, in the order in which they are told
 * @param bytesPerSecond that the memory with the models gives at most; empty where it is not known
 * @param gpu whether the models are on one
 */
record GpuMachine(Map<String, @Nullable Object> facts, OptionalDouble bytesPerSecond, boolean gpu) {
    private static final String UNKNOWN = "unknown";
    private static final double GIGA = 1e9;
    /** Facts without which figures do not belong together. */
    private static final List<String> SAME = List.of("llama_cpp", "processor", "cards");

    /**
     * This machine, now.
     *
     * @param command the command line
     * @param told what a process has found out: {@link MachineFacts}
     * @param given the speed of the memory in GB/s, by who runs it; {@code null} to look it up
     */
    static GpuMachine of(List<String> command, Figures told, @Nullable Double given) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("command", String.join(" ", command));
        facts.putAll(told.fields());
        // Not told, but asked for.
        facts.remove("host_bytes_per_second");
        facts.remove("most_sequences");
        List<String> cards = texts(told, "cards");
        boolean gpu = !cards.isEmpty();
        OptionalDouble speed;
        String origin;
        if (given != null) {
            speed = OptionalDouble.of(given * GIGA);
            origin = "given";
        } else if (gpu) {
            speed = MemorySpeed.ofCard(cards.getFirst());
            origin = speed.isPresent()
                    ? "what the card's maker tells"
                    : "not known of this card: --memory-speed GB/S tells it";
        } else {
            speed = OptionalDouble.of(told.number("host_bytes_per_second"));
            origin = "measured, by adding up numbers on all processors";
        }
        facts.put("memory_gb_per_second", speed.isPresent() ? Math.round(speed.getAsDouble() / GIGA) : UNKNOWN);
        facts.put("memory_speed_is", origin);
        return new GpuMachine(facts, speed, gpu);
    }

    private static List<String> texts(Figures figures, String field) {
        return figures.fields().get(field) instanceof Collection<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** The folders of the libraries that the engine runs on, that of llama.cpp first. */
    List<Path> libraryFolders() {
        return texts(new Figures(facts), "library_folders").stream()
                .map(Path::of)
                .toList();
    }

    /** The names of the GPUs, such as {@code CUDA0}. */
    List<String> devices() {
        return texts(new Figures(facts), "device_names");
    }

    /**
     * That an earlier report is of this machine.
     *
     * @throws IOException if it is not
     */
    void requireSame(Figures before, Path file) throws IOException {
        for (String name : SAME) {
            Object now = facts.get(name);
            Object then = before.fields().get(name);
            if (!Objects.equals(now, then)) {
                throw new IOException(
                        "%s has %s %s, and here it is %s: name another folder with --output, or leave out --resume"
                                .formatted(file, name.replace('_', ' '), then, now));
            }
        }
    }
}
