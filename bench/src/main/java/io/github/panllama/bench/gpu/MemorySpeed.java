package io.github.panllama.bench.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** How fast a machine reads its memory, which bounds how fast it decodes. */
final class MemorySpeed {
    private static final double GIGA = 1e9;

    /** As their makers tell, in GB/s; the first whose words are all in a card's name counts. */
    private static final Map<String, Integer> CARDS = new LinkedHashMap<>();

    static {
        CARDS.put("h200", 4_800);
        CARDS.put("h100 nvl", 3_900);
        CARDS.put("h100 pcie", 2_000);
        CARDS.put("h100", 3_350);
        CARDS.put("a100 80gb pcie", 1_935);
        CARDS.put("a100 80gb", 2_039);
        CARDS.put("a100", 1_555);
        CARDS.put("l40s", 864);
        CARDS.put("l40", 864);
        CARDS.put("l4", 300);
        CARDS.put("a10g", 600);
        CARDS.put("a10", 600);
        CARDS.put("t4", 320);
        CARDS.put("rtx 5090", 1_792);
        CARDS.put("rtx 4090", 1_008);
        CARDS.put("rtx 3090 ti", 1_008);
        CARDS.put("rtx 3090", 936);
    }

    private static final int WORDS = 1 << 24;
    private static final int ROUNDS = 5;

    private MemorySpeed() {}

    /** Of a card by its name, in bytes a second. */
    static OptionalDouble ofCard(String name) {
        List<String> words = List.of(name.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1));
        return CARDS.entrySet().stream()
                .filter(card -> words.containsAll(List.of(card.getKey().split(" ", -1))))
                .mapToDouble(card -> card.getValue() * GIGA)
                .findFirst();
    }

    /** What the processors read of the memory together, in bytes a second: measured, with more than their caches hold. */
    static double measureHost() {
        long[] words = new long[WORDS];
        int parts = Runtime.getRuntime().availableProcessors();
        AtomicLong sum = new AtomicLong();
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            IntStream.range(0, parts).parallel().forEach(part -> sum.addAndGet(sum(words, part, parts)));
            best = Math.max(best, (double) WORDS * Long.BYTES / (System.nanoTime() - begin));
        }
        if (sum.get() != 0) {
            throw new IllegalStateException("zeros do not sum up to " + sum.get());
        }
        return best * GIGA;
    }

    private static long sum(long[] words, int part, int parts) {
        int end = (int) ((long) WORDS * (part + 1) / parts);
        long sum = 0;
        for (int i = (int) ((long) WORDS * part / parts); i < end; i++) {
            sum += words[i];
        }
        return sum;
    }
}
