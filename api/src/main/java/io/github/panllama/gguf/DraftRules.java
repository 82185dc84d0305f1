package io.github.panllama.gguf;

import java.util.OptionalLong;

/** Models that draft a block of tokens at once for another model, and what they have behind their layers for that. */
final class DraftRules {
    private static final String PAIRS = "markov_w1.weight";
    private static final String CHOICE = "selector_hidden.weight";

    /** Operations of a graph for each tensor, of a draft model without such parts. */
    private static final int OPERATIONS = 6;

    private static final int MORE_OPERATIONS = 16;

    /** Of each token of a block, which is biased by the one before it; and where there is a confidence, or a vocabulary less. */
    private static final int OPERATIONS_OF_TOKEN = 7;

    private static final int OPERATIONS_OF_CONFIDENCE = 7;
    private static final int OPERATIONS_OF_VOCABULARY = 5;

    /** Of a layer with kernels, and for each place of those, which are four. */
    private static final int OPERATIONS_OF_LAYER = 100;

    private static final int OPERATIONS_OF_PLACE = 38;
    private static final int OPERATIONS_OF_CHOICE = 64;

    private DraftRules() {}

    static void blocks(ModelHeader header) {
        if (header.tensor(PAIRS).isPresent()) {
            required(header, "block_size", longestBlock(header));
        }
        if (header.tensor(CHOICE).isPresent()) {
            required(header, "block_size", ModelHeader.NONE);
            required(header, "conv_kernel_size", longestKernel(header));
            required(header, "conv_group_size", ModelHeader.NONE);
            required(header, "selector_top_k", vocabulary(header));
        }
    }

    private static void required(ModelHeader header, String key, long most) {
        header.range(header.own(key), header.whole(header.own(key)).orElse(0), 1, most);
    }

    private static long tensors(ModelHeader header) {
        return header.parts().stream().mapToLong(part -> part.tensors().size()).sum();
    }

    private static long longestKernel(ModelHeader header) {
        long room = Math.max(1024, 12 * tensors(header)) - OPERATIONS_OF_CHOICE;
        long layer = room / Math.max(1, header.ownLayers()) - OPERATIONS_OF_LAYER;
        return Math.max(1, layer / OPERATIONS_OF_PLACE);
    }

    /** As many tokens as a graph has room for. */
    private static long longestBlock(ModelHeader header) {
        long tensors = tensors(header);
        long token = OPERATIONS_OF_TOKEN;
        token += header.tensor("conf_proj.weight").isPresent() ? OPERATIONS_OF_CONFIDENCE : 0;
        token += header.tensor("d2t").isPresent() ? OPERATIONS_OF_VOCABULARY : 0;
        long room = Math.max(1024, 8 * tensors) - OPERATIONS * tensors - MORE_OPERATIONS;
        return Math.max(1, room / token);
    }

    private static long vocabulary(ModelHeader header) {
        OptionalLong size = header.whole(header.own("vocab_size"));
        return header.value(TokenizerRules.TOKENS) instanceof TextArray tokens
                ? tokens.size()
                : size.orElse(ModelHeader.NONE);
    }
}
