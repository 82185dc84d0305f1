package io.github.panllama.cli.bench;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a request has to stay under to count as good, in milliseconds: the objectives of a service.
 *
 * @param milliseconds by {@link #TTFT}, {@link #TPOT} or {@link #E2EL}; what is not there has no bound
 */
public record GoodputBounds(Map<String, Double> milliseconds) {
    /** Time to the first token. */
    public static final String TTFT = "ttft";
    /** Time per output token after the first one. */
    public static final String TPOT = "tpot";
    /** End-to-end latency. */
    public static final String E2EL = "e2el";

    private static final Set<String> KEYS = Set.of(TTFT, TPOT, E2EL);

    /** Refuses other keys, and bounds that are not positive. */
    public GoodputBounds {
        milliseconds.forEach((key, bound) -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("'" + key + "' is none of ttft, tpot, e2el");
            }
            if (!(bound > 0 && bound < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the bound of %s is %s, must be positive".formatted(key, bound));
            }
        });
        milliseconds = Map.copyOf(milliseconds);
    }

    /**
     * Reads bounds such as {@code ttft:500,tpot:50}.
     *
     * @throws IllegalArgumentException if it cannot be read; the message says why
     */
    public static GoodputBounds parse(String text) {
        Map<String, Double> bounds = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("'" + part + "' is not a bound such as ttft:500");
            }
            double bound;
            try {
                bound = Double.parseDouble(part.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + part.substring(colon + 1) + "' is no number of ms", e);
            }
            if (bounds.put(part.substring(0, colon), bound) != null) {
                throw new IllegalArgumentException("'" + part.substring(0, colon) + "' is given twice");
            }
        }
        return new GoodputBounds(bounds);
    }

    boolean allow(CompletedRequest request) {
        return under(TTFT, CompletedRequest.milliseconds(request.timings().timeToFirstToken()))
                && under(TPOT, request.timePerOutputToken().orElse(0))
                && under(E2EL, CompletedRequest.milliseconds(request.timings().duration()));
    }

    private boolean under(String key, double measured) {
        Double bound = milliseconds.get(key);
        return bound == null || measured <= bound;
    }
}
