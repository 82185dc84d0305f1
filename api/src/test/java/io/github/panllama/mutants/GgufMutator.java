package io.github.panllama.mutants;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages a model file where its structure is: values, keys, tensors, lengths. The same seed makes the same file. */
final class GgufMutator {
    /**
     * A damaged file.
     *
     * @param bytes all of it
     * @param description what was done
     */
    record Mutant(ByteBuffer bytes, String description) {}

    private final SplittableRandom random;
    private final GgufParts parts;
    private final String architecture;
    private final List<String> done = new ArrayList<>();

    private GgufMutator(GgufParts parts, String architecture, long seed) {
        this.parts = parts;
        this.architecture = architecture;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Damages a file in one to three places.
     *
     * @param parts the file, taken apart for this mutant alone
     * @param architecture the beginning of its own keys
     */
    static Mutant mutate(GgufParts parts, String architecture, long seed) {
        return new GgufMutator(parts, architecture, seed).mutate();
    }

    private Mutant mutate() {
        for (int i = 1 + Math.max(0, random.nextInt(5) - 2); i > 0; i--) {
            switch (random.nextInt(20)) {
                case 0 -> entries();
                case 1 -> counts();
                case 2, 3, 4, 5 -> add();
                case 6, 7, 8 -> new TensorMutator(parts, random, done).mutate();
                case 9 -> renumber();
                case 10 -> new TokenMutator(parts, random, done).mutate();
                default -> value();
            }
        }
        byte[] bytes = parts.toBytes();
        if (random.nextInt(12) == 0) {
            bytes = cut(bytes);
        }
        if (random.nextInt(10) == 0) {
            flip(bytes);
        }
        return new Mutant(ByteBuffer.wrap(bytes), String.join("; ", done));
    }

    private GgufParts.Entry anyEntry() {
        for (int i = 0; i < 8; i++) {
            GgufParts.Entry entry = parts.entries.get(random.nextInt(parts.entries.size()));
            // Mostly those that C computes with.
            if (entry.name().startsWith(architecture + '.') || random.nextInt(4) == 0) {
                return entry;
            }
        }
        return parts.entries.getFirst();
    }

    private void value() {
        GgufParts.Entry entry = anyEntry();
        GgufType type = GgufType.byId(entry.type);
        GgufValue value = type == null || random.nextInt(8) == 0 ? BoundaryValues.any(random) : similar(entry, type);
        replace(entry, value);
    }

    /** A value of the same type. */
    private GgufValue similar(GgufParts.Entry entry, GgufType type) {
        ByteBuffer old = ByteBuffer.wrap(entry.value).order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case UINT32 ->
                random.nextInt(10) == 0
                        ? perLayer(old.getInt())
                        : GgufValue.uint32(BoundaryValues.whole(random, old.getInt()) & 0xffff_ffffL);
            case FLOAT32 -> GgufValue.float32(BoundaryValues.real(random));
            case BOOL -> GgufValue.bool(old.get() == 0);
            case STRING -> GgufValue.text(BoundaryValues.text(random));
            case ARRAY -> BoundaryValues.array(random);
            default -> BoundaryValues.any(random);
        };
    }

    /** The same number for each of two layers, or another for one. */
    private GgufValue perLayer(long old) {
        return GgufValue.wholes(
                random.nextBoolean() ? GgufType.UINT32 : GgufType.INT32,
                old & 0x7fff_ffff,
                BoundaryValues.whole(random, old & 0x7fff_ffff) & 0x7fff_ffff);
    }

    private void replace(GgufParts.Entry entry, GgufValue value) {
        GgufParts.Entry changed = GgufParts.entry("", value);
        entry.type = changed.type;
        entry.value = changed.value;
        done.add("%s = %s (%s)".formatted(entry.name(), shown(value), value.type()));
    }

    private static String shown(GgufValue value) {
        String text = value.toString();
        return text.length() > 40 ? text.substring(0, 40) + '…' : text;
    }

    private void add() {
        String key = BoundaryValues.key(random, architecture);
        GgufValue value = switch (random.nextInt(6)) {
            case 0 -> GgufValue.float32(BoundaryValues.real(random));
            case 1 -> BoundaryValues.any(random);
            case 2 -> BoundaryValues.array(random);
            default -> GgufValue.uint32(BoundaryValues.whole(random));
        };
        parts.entries.removeIf(entry -> entry.name().equals(key));
        GgufParts.Entry added = GgufParts.entry(key, value);
        parts.entries.add(added);
        replace(added, value);
    }

    private void entries() {
        GgufParts.Entry entry = anyEntry();
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                parts.entries.remove(entry);
                done.add("without " + entry.name());
            }
            case 2 -> {
                parts.entries.add(entry);
                done.add("twice " + entry.name());
            }
            case 3 -> {
                done.add("renamed " + entry.name());
                entry.key = random.nextBoolean() ? new byte[0] : GgufParts.utf8(BoundaryValues.text(random));
            }
            default -> {
                int type = random.nextInt(16);
                done.add("%s has the type %d".formatted(entry.name(), type));
                entry.type = type;
            }
        }
    }

    private void counts() {
        long wrong = random.nextBoolean() ? 1 : BoundaryValues.whole(random);
        switch (random.nextInt(4)) {
            case 0 -> parts.magic ^= 1 << random.nextInt(32);
            case 1 -> parts.version = (int) BoundaryValues.whole(random);
            case 2 -> parts.extraKeys = random.nextBoolean() ? wrong : -wrong;
            default -> parts.extraTensors = random.nextBoolean() ? wrong : -wrong;
        }
        done.add("magic %x, version %d, %d more keys, %d more tensors"
                .formatted(parts.magic, parts.version, parts.extraKeys, parts.extraTensors));
    }

    /** Puts one number in place of another wherever it stands: a file that is whole, and shaped otherwise. */
    private void renumber() {
        GgufParts.Tensor tensor = parts.tensors.get(random.nextInt(parts.tensors.size()));
        if (tensor.shape.isEmpty()) {
            return; // it was made one without dimensions before
        }
        long from = tensor.shape.get(random.nextInt(tensor.shape.size()));
        long to = random.nextBoolean() ? BoundaryValues.whole(random, from) & 0xfff : random.nextInt(300);
        for (GgufParts.Entry entry : parts.entries) {
            if (entry.type == GgufType.UINT32.id() && little(entry.value) == from) {
                entry.value = GgufParts.entry("", GgufValue.uint32(to)).value;
            }
        }
        for (GgufParts.Tensor other : parts.tensors) {
            other.shape.replaceAll(length -> length == from ? to : length);
            if (GgmlType.byId(other.type) != GgmlType.F32) {
                other.type = GgmlType.F32.id();
            }
        }
        parts.layOut();
        done.add("%d in place of every %d".formatted(to, from));
    }

    private static long little(byte[] value) {
        return value.length == 4
                ? ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffff_ffffL
                : -1;
    }

    private byte[] cut(byte[] bytes) {
        int header = parts.header().length;
        int length = switch (random.nextInt(5)) {
            case 0 -> random.nextInt(32);
            case 1 -> random.nextInt(header);
            case 2 -> header;
            case 3 -> header + random.nextInt(Math.max(1, bytes.length - header));
            default -> bytes.length - 1;
        };
        done.add("cut to %d of %d bytes".formatted(length, bytes.length));
        return Arrays.copyOf(bytes, Math.min(length, bytes.length));
    }

    private void flip(byte[] bytes) {
        int header = Math.min(parts.header().length, bytes.length);
        for (int i = random.nextInt(1, 9); i > 0 && header > 0; i--) {
            int at = random.nextInt(header);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            done.add("a bit flipped at " + at);
        }
    }
}
