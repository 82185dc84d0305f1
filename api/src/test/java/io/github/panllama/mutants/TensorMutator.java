package io.github.panllama.mutants;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Damages what a file says of a tensor; half of the time the rest of the file is made to fit. */
final class TensorMutator {
    private final GgufParts parts;
    private final SplittableRandom random;
    private final List<String> done;

    TensorMutator(GgufParts parts, SplittableRandom random, List<String> done) {
        this.parts = parts;
        this.random = random;
        this.done = done;
    }

    void mutate() {
        if (parts.tensors.isEmpty()) {
            return;
        }
        GgufParts.Tensor tensor = any();
        String name = new String(tensor.name, UTF_8);
        switch (random.nextInt(8)) {
            case 0, 1 -> shape(tensor, name);
            case 2, 3 -> {
                tensor.type = random.nextInt(45);
                done.add("%s of type %d".formatted(name, tensor.type));
            }
            case 4 -> name(tensor, name);
            case 5 -> {
                parts.tensors.remove(tensor);
                done.add("without " + name);
            }
            case 6 -> {
                GgufParts.Tensor other = any();
                byte[] swapped = tensor.name;
                tensor.name = other.name;
                other.name = swapped;
                done.add("%s in place of %s".formatted(name, new String(tensor.name, UTF_8)));
            }
            default -> {
                tensor.offset += random.nextBoolean() ? BoundaryValues.whole(random) : -BoundaryValues.whole(random);
                done.add("%s at %d".formatted(name, tensor.offset));
                return;
            }
        }
        if (random.nextInt(4) != 0) {
            parts.layOut();
        } else {
            done.add("not laid out again");
        }
    }

    private GgufParts.Tensor any() {
        return parts.tensors.get(random.nextInt(parts.tensors.size()));
    }

    private void shape(GgufParts.Tensor tensor, String name) {
        int at = random.nextInt(Math.max(1, tensor.shape.size()));
        switch (random.nextInt(6)) {
            case 0 -> tensor.shape.add(random.nextBoolean() ? 1 : BoundaryValues.whole(random));
            case 1 -> {
                if (!tensor.shape.isEmpty()) {
                    tensor.shape.remove(at);
                }
            }
            case 2 -> Collections.reverse(tensor.shape);
            case 3 -> {
                if (!tensor.shape.isEmpty()) {
                    tensor.shape.set(at, -1L << random.nextInt(64));
                }
            }
            default -> {
                if (!tensor.shape.isEmpty()) {
                    tensor.shape.set(at, BoundaryValues.whole(random, tensor.shape.get(at)));
                }
            }
        }
        done.add("%s of shape %s".formatted(name, tensor.shape));
    }

    private void name(GgufParts.Tensor tensor, String name) {
        tensor.name = GgufParts.utf8(
                switch (random.nextInt(5)) {
                    case 0 -> "";
                    case 1 -> "x".repeat(random.nextInt(60, 70));
                    case 2 -> new String(any().name, UTF_8);
                    case 3 -> "blk." + BoundaryValues.whole(random) + ".attn_q.weight";
                    default -> name + '\0';
                });
        done.add("%s renamed".formatted(name));
    }
}
