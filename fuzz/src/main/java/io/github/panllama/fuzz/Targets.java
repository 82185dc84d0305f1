package io.github.panllama.fuzz;

import io.github.panllama.GrammarTarget;
import io.github.panllama.ImportanceTarget;
import io.github.panllama.ModelTarget;
import io.github.panllama.StateTarget;
import io.github.panllama.Utf8Target;
import io.github.panllama.bindings.NativeIndexTarget;
import io.github.panllama.engine.SessionTarget;
import io.github.panllama.engine.StopTarget;
import io.github.panllama.engine.TuningTarget;
import io.github.panllama.gguf.GgufTarget;
import io.github.panllama.internal.worker.FrameTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The targets, by name. */
final class Targets {
    static final String ALL = "all";
    static final String CANARY = "canary";

    private static final SortedMap<String, FuzzTarget> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry("chat", new ChatTarget()),
            Map.entry("frame", new FrameTarget()),
            Map.entry("gguf", new GgufTarget()),
            Map.entry("grammar", new GrammarTarget()),
            Map.entry("importance", new ImportanceTarget()),
            Map.entry("index", new NativeIndexTarget()),
            Map.entry("json", new JsonTarget()),
            Map.entry("model", new ModelTarget()),
            Map.entry("schema", new SchemaTarget()),
            Map.entry("session", new SessionTarget()),
            Map.entry("state", new StateTarget()),
            Map.entry("stop", new StopTarget()),
            Map.entry("tuning", new TuningTarget()),
            Map.entry("utf8", new Utf8Target())));

    private Targets() {}

    static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * A target.
     *
     * @param name one of {@link #names}, {@link #ALL}, or {@link #CANARY}, which fails to show that failures are seen
     * @throws IllegalArgumentException if there is none of that name
     */
    static FuzzTarget of(String name) {
        return switch (name) {
            case ALL -> new EveryTarget(List.copyOf(BY_NAME.values()));
            case CANARY -> new Canary();
            default -> {
                FuzzTarget target = BY_NAME.get(name);
                if (target == null) {
                    throw new IllegalArgumentException(
                            "There is no target %s, only %s and all".formatted(name, names()));
                }
                yield target;
            }
        };
    }

    /** All of them, of which the first byte of an input chooses one. */
    private record EveryTarget(List<FuzzTarget> targets) implements FuzzTarget {
        @Override
        public void run(byte[] input) throws Exception {
            Input in = new Input(input);
            targets.get(in.below(targets.size())).run(in.rest());
        }

        @Override
        public List<byte[]> seeds() throws Exception {
            List<byte[]> seeds = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                for (byte[] seed : targets.get(i).seeds()) {
                    seeds.add(Input.with(i, seed));
                }
            }
            return seeds;
        }
    }

    private record Canary() implements FuzzTarget {
        @Override
        public void run(byte[] input) {
            if (new Input(input).text().startsWith("sing")) {
                throw new IllegalStateException("the canary sings");
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(Input.text("silence"));
        }
    }
}
