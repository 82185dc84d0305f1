package io.github.panllama.gguf;

/** Layers that run more than once for a token, and what is done more than once in a layer. */
final class LoopRules {
    /** How often a layer runs for a token: the graph of a batch of few tokens has room for little more. */
    private static final int MAX_LOOPS = 8;

    /** The same for stacks, whose graph has more room. */
    private static final int MAX_TURNS = 32;

    /** What is done again in every layer takes room in the graph too. */
    private static final int MAX_NORMALIZATIONS = 40;

    private LoopRules() {}

    /** Two stacks of layers that take turns; every turn counts as layers of its own. */
    static void stacks(ModelHeader header) {
        header.ownRange("hrm.layers_per_stack", 1, LayerRules.MAX_LAYERS);
        header.ownRange("hrm.h_cycles", 1, MAX_TURNS);
        header.ownRange("hrm.l_cycles", 1, MAX_TURNS);
        long turns = header.number("hrm.h_cycles") * (header.number("hrm.l_cycles") + 1);
        if (turns > MAX_TURNS) {
            throw header.invalid(header.own("hrm.l_cycles"), "makes %d turns, at most %d".formatted(turns, MAX_TURNS));
        }
        long layers = turns * header.number("hrm.layers_per_stack");
        header.range(header.own("block_count"), header.ownLayers(), layers, layers);
    }

    static void loops(ModelHeader header) {
        long layers = Math.max(1, header.ownLayers());
        header.ownRange("num_loops", 1, Math.min(MAX_LOOPS, LayerRules.MAX_LAYERS / layers));
    }

    /** How often the weights of connections between layers are normalized. */
    static void normalization(ModelHeader header) {
        if (header.architecture().equals("dflash") && !PieceRules.hasHyperConnections(header)) {
            return;
        }
        header.ownRange("hyper_connection.count", 4, 4);
        header.ownRange("hyper_connection.sinkhorn_iterations", 0, MAX_NORMALIZATIONS);
    }
}
