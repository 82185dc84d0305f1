package io.github.panllama.cli;

import io.github.panllama.gpu.EnergySource;
import io.github.panllama.gpu.GpuUsage;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What cards did, as fields of a run in JSON. */
public final class BenchCardsJson {
    private BenchCardsJson() {}

    /**
     * Adds the fields; {@code null} where the cards do not tell, or none was watched.
     *
     * @param run gets them
     */
    public static void put(Map<String, @Nullable Object> run, BenchCards cards) {
        run.put("watts", rounded(cards.watts()));
        run.put("joules", rounded(cards.joules()));
        run.put("energy_source", source(cards.energySource()));
        run.put("tokens_per_joule", rounded(cards.tokensPerJoule()));
        run.put("joules_per_1000_tokens", rounded(cards.joulesPerThousandTokens()));
        run.put("cards", cards.usages().stream().map(BenchCardsJson::card).toList());
    }

    private static Map<String, @Nullable Object> card(GpuUsage usage) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("index", usage.card().index());
        object.put("name", usage.card().name());
        object.put("uuid", usage.card().uuid());
        object.put("pci_address", usage.card().pciAddress());
        object.put("samples", usage.samples());
        object.put("energy_source", source(usage.energySource()));
        object.put("joules", rounded(usage.joules()));
        object.put("watts", rounded(usage.meanWatts()));
        object.put("watts_peak", rounded(usage.peakWatts()));
        object.put("utilization_percent", rounded(usage.meanUtilization()));
        object.put("memory_peak_bytes", whole(usage.peakMemory()));
        object.put("process_memory_peak_bytes", whole(usage.peakProcessMemory()));
        object.put("sm_clock_mhz", rounded(usage.meanSmClock()));
        object.put("sm_clock_lowest_mhz", whole(usage.minSmClock()));
        object.put("memory_clock_mhz", rounded(usage.meanMemoryClock()));
        object.put("temperature_peak_celsius", whole(usage.peakTemperature()));
        object.put(
                "throttle_reasons",
                usage.throttleReasons().stream()
                        .map(reason -> reason.name().toLowerCase(Locale.ROOT))
                        .toList());
        return object;
    }

    private static @Nullable String source(EnergySource source) {
        return source == EnergySource.NONE ? null : source.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Double rounded(OptionalDouble number) {
        return number.isPresent() ? Math.round(number.getAsDouble() * 1e3) / 1e3 : null;
    }

    private static @Nullable Long whole(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    private static @Nullable Integer whole(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }
}
