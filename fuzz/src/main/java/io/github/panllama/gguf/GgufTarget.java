package io.github.panllama.gguf;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.HeaderSeeds;
import io.github.panllama.fuzz.SparseFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The reader of GGUF headers. What it accepts, the writer writes so that the same is read again. */
public final class GgufTarget implements FuzzTarget {
    private static final long BASE = 2L << 20;
    /** The shortest key of a file, 14 bytes, is a key, a value and an entry of a map in memory. */
    private static final int BYTES_PER_BYTE = 64;

    private static final Path NAME = Path.of("folder", "fuzzed-00001-of-00003.gguf");

    @Override
    public void run(byte[] input) throws Exception {
        SparseFile file = SparseFile.describedBy(input);
        Optional<GgufReader.Header> header = read(file);
        if (header.isPresent()) {
            GgufFile accepted = new GgufFile(NAME, file.size(), header.get());
            ask(accepted);
            roundTrip(accepted, header.get());
        }
    }

    /** Empty where it is refused. */
    private static Optional<GgufReader.Header> read(SparseFile file) throws Exception {
        return Allocation.atMost(BASE + BYTES_PER_BYTE * file.size(), () -> {
            try {
                return Optional.of(GgufReader.read(file::read, file.size()));
            } catch (InvalidGgufException e) {
                Expect.that(
                        e.byteOffset() >= 0 && e.byteOffset() <= file.size(),
                        "the offset %d lies in the file".formatted(e.byteOffset()));
                return Optional.empty();
            }
        });
    }

    private static void ask(GgufFile file) {
        Expect.that(!file.toString().isEmpty() && !file.metadata().toString().isEmpty(), "it can be shown");
        for (GgufTensor tensor : file.tensors()) {
            long end = file.dataOffset() + tensor.offset() + tensor.byteSize();
            Expect.that(tensor.offset() >= 0 && end <= file.fileSize(), tensor.name() + " lies in the file");
            Expect.that(tensor.offset() % file.alignment() == 0, tensor.name() + " is aligned");
            Expect.that(tensor.elements() >= 0 && tensor.rows() >= 0, tensor.name() + " can be counted");
        }
        try {
            for (Path part : GgufSplit.others(file)) {
                Expect.equal(part.getParent(), NAME.getParent(), "the folders of parts");
            }
        } catch (InvalidGgufException e) {
            Expect.that(e.getMessage() != null, "it says why");
        }
    }

    private static void roundTrip(GgufFile file, GgufReader.Header header) throws IOException {
        GgufWriter writer = new GgufWriter().putAll(file);
        header.tensors().forEach(tensor -> writer.copyTensor(file, tensor));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writer.writeHeader(Channels.newChannel(bytes));
        GgufReader.Header again =
                GgufReader.read(SparseFile.of(bytes.toByteArray(), writer.size())::read, writer.size());
        Expect.equal(again.metadata(), header.metadata(), "the metadata");
        Expect.equal(again.tensors(), header.tensors(), "the tensors");
        Expect.equal(again.alignment(), header.alignment(), "the alignments");
        Expect.equal(again.lossyTexts().keySet(), header.lossyTexts().keySet(), "the keys of texts that are not UTF-8");
        header.lossyTexts()
                .forEach((key, text) ->
                        Expect.that(Arrays.equals(again.lossyTexts().get(key), text), key));
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        return HeaderSeeds.all();
    }
}
