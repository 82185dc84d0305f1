package io.github.panllama.cli;

import io.github.panllama.gpu.EnergySource;
import io.github.panllama.gpu.GpuUsage;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * What the cards did while a load ran, and what its tokens cost in energy. A sum over cards is empty where one of them
 * does not tell.
 *
 * @param usages one for each card; none where no card is watched
 * @param generatedTokens of the load
 */
public record BenchCards(List<GpuUsage> usages, long generatedTokens) {
    private static final double THOUSAND = 1e3;

    /** Copies the list. */
    public BenchCards {
        usages = List.copyOf(usages);
    }

    /** Whether no card was watched. */
    public boolean isEmpty() {
        return usages.isEmpty();
    }

    /** Energy of all cards. */
    public OptionalDouble joules() {
        return sum(GpuUsage::joules);
    }

    /** Mean power of all cards. */
    public OptionalDouble watts() {
        return sum(GpuUsage::meanWatts);
    }

    /** By the counters, unless one card has none. */
    public EnergySource energySource() {
        return usages.stream()
                .map(GpuUsage::energySource)
                .max(EnergySource::compareTo)
                .orElse(EnergySource.NONE);
    }

    /** Generated tokens for an energy, that of their prompts included. */
    public OptionalDouble tokensPerJoule() {
        OptionalDouble joules = joules();
        return joules.isPresent() && joules.getAsDouble() > 0
                ? OptionalDouble.of(generatedTokens / joules.getAsDouble())
                : OptionalDouble.empty();
    }

    /** Energy for a thousand generated tokens, that of their prompts included. */
    public OptionalDouble joulesPerThousandTokens() {
        OptionalDouble joules = joules();
        return joules.isPresent() && generatedTokens > 0
                ? OptionalDouble.of(joules.getAsDouble() / generatedTokens * THOUSAND)
                : OptionalDouble.empty();
    }

    private OptionalDouble sum(Function<GpuUsage, OptionalDouble> figure) {
        List<OptionalDouble> figures = usages.stream().map(figure).toList();
        return figures.isEmpty() || figures.stream().anyMatch(OptionalDouble::isEmpty)
                ? OptionalDouble.empty()
                : OptionalDouble.of(figures.stream()
                        .mapToDouble(OptionalDouble::orElseThrow)
                        .sum());
    }
}
