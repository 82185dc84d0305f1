package io.github.panllama.gguf;

import java.util.Optional;
import java.util.regex.Pattern;

/** What llama.cpp takes for granted of every tensor. Shapes it compares with the metadata itself. */
final class TensorRules {
    /** It compares every name with every other. */
    private static final int MAX_TENSORS = 1 << 14;

    private static final int MAX_KEYS = 1 << 13;

    /** Of the memory that it maps weights into; it asserts that they lie so. */
    private static final int LEAST_ALIGNMENT = 32;

    /** Tensors of any shape that are added, or multiplied number by number: only plain numbers can be. */
    private static final Pattern ELEMENTWISE =
            Pattern.compile("(.*\\.)?(token_types|rope_freqs|rope_factors_(long|short)"
                    + "|attn_sinks|exp_probs_b|ssm_[ad]|ssm_conv1d(_[qkv])?|shortconv\\.conv|time_mix_first|time_mix_lerp_\\w+"
                    + "|channel_mix_lerp_\\w+|\\w*norm(_\\d|_exps)?)(\\.weight)?|.*\\.(bias|scale|input_scale)");

    private static final Pattern FEED_FORWARD = Pattern.compile("blk\\.\\d+\\.ffn_(gate|up|down)(_shexp)?\\.weight");

    /** The target's token for each token of a draft model's smaller vocabulary. */
    private static final String DRAFT_TO_TARGET = "d2t";

    private TensorRules() {}

    static void check(ModelHeader header) {
        for (GgufFile part : header.parts()) {
            count(part);
            for (GgufTensor tensor : part.tensors()) {
                if (tensor.shape().contains(0L)) {
                    throw header.invalidTensor(
                            tensor.name(), "has the shape %s, and so no numbers at all".formatted(tensor.shape()));
                }
                typeProblem(tensor).or(() -> scaleProblem(header, tensor)).ifPresent(problem -> {
                    throw header.invalidTensor(tensor.name(), problem);
                });
            }
        }
        if (header.tensor(DRAFT_TO_TARGET).isPresent()
                && header.tensor("output.weight").isEmpty()) {
            throw header.invalidTensor(
                    DRAFT_TO_TARGET, "tells what the rows of output.weight stand for, which is not there");
        }
    }

    private static void count(GgufFile part) {
        String key = GgufReader.ALIGNMENT_KEY;
        if (part.alignment() < LEAST_ALIGNMENT && !part.tensors().isEmpty()) {
            throw new InvalidGgufException(
                    "%s is %d, must be at least %d in a model".formatted(key, part.alignment(), LEAST_ALIGNMENT),
                    part.metadata().offset(key),
                    key);
        }
        if (part.tensors().size() > MAX_TENSORS) {
            throw new InvalidGgufException(
                    "the file has %d tensors, at most %d in a model"
                            .formatted(part.tensors().size(), MAX_TENSORS),
                    -1,
                    null);
        }
        int keys = part.metadata().asMap().size();
        if (keys > MAX_KEYS) {
            throw new InvalidGgufException(
                    "the file has %d keys, at most %d in a model".formatted(keys, MAX_KEYS), -1, null);
        }
    }

    /** Why llama.cpp cannot compute with a tensor's numbers: it would call a function that is not there. */
    static Optional<String> typeProblem(GgufTensor tensor) {
        if (tensor.name().equals(DRAFT_TO_TARGET)) {
            return tensor.type() == GgmlType.I64
                    ? Optional.empty()
                    : Optional.of("has the type %s, must have i64"
                            .formatted(tensor.type().ggmlName()));
        }
        // Norms and biases are added and multiplied as they are.
        boolean vector =
                tensor.shape().size() == 1 || ELEMENTWISE.matcher(tensor.name()).matches();
        if (vector ? tensor.type() == GgmlType.F32 || isTable(tensor) : isMatrix(tensor)) {
            return Optional.empty();
        }
        return Optional.of("has the type %s, which cannot be computed with"
                .formatted(tensor.type().ggmlName()));
    }

    /** In the order in which llama.cpp adds and scales there, this would be computed wrongly: it ends the process instead. */
    private static Optional<String> scaleProblem(ModelHeader header, GgufTensor tensor) {
        String name = tensor.name().replaceFirst("weight$", "");
        return tensor.type() == GgmlType.NVFP4
                        && FEED_FORWARD.matcher(tensor.name()).matches()
                        && header.tensor(name + "scale").isPresent()
                        && header.tensor(name + "bias").isPresent()
                ? Optional.of(
                        "has the type nvfp4 with a scale of its own, and a bias beside it: it can have only one of them")
                : Optional.empty();
    }

    private static boolean isMatrix(GgufTensor tensor) {
        return switch (tensor.type()) {
            case F32, F16, BF16 -> true;
            // Formats of intermediate results.
            case Q8_1, Q8_K -> false;
            default -> tensor.type().isQuantized() || isTable(tensor);
        };
    }

    /** Ids of experts by token, in models that route by a table. */
    private static boolean isTable(GgufTensor tensor) {
        return tensor.type() == GgmlType.I32 && tensor.name().contains("tid2eid");
    }
}
