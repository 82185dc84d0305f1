package io.github.panllama;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.HeaderSeeds;
import io.github.panllama.fuzz.SparseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that Java checks of a model's file before native code sees it. */
public final class ModelTarget implements FuzzTarget {
    /** Samples of the weights are read for the fingerprint. */
    private static final long BASE = 4L << 20;

    private static final int BYTES_PER_BYTE = 128;

    private @Nullable Path file;

    @Override
    public void run(byte[] input) throws Exception {
        SparseFile sparse = SparseFile.describedBy(input);
        Path path = file();
        sparse.write(path);
        Optional<ModelFiles> accepted = Allocation.atMost(BASE + BYTES_PER_BYTE * sparse.size(), () -> {
            try {
                return Optional.of(ModelFiles.check(List.of(path), ModelOptions.defaults()));
            } catch (ModelLoadException e) {
                Expect.that(e.getMessage() != null && e.getMessage().startsWith("Cannot load "), "it says why");
                return Optional.empty();
            }
        });
        accepted.ifPresent(model -> ask(model, sparse));
    }

    private static void ask(ModelFiles model, SparseFile file) {
        Expect.equal(model.files().size(), 1, "the files");
        Expect.equal(model.files().getFirst().fileSize(), file.size(), "the sizes");
        Expect.equal(model.fingerprint().length(), 64, "the digits of a fingerprint");
        Expect.that(!model.architecture().isEmpty(), "it has an architecture");
        Expect.that(model.maxPositions() >= 0, "positions can be counted");
        Expect.that(
                model.cacheBytesPerToken(KvCacheType.F16, KvCacheType.Q8_0)
                        <= model.cacheBytesPerToken(KvCacheType.F32, KvCacheType.F32),
                "a smaller cache takes less");
        Expect.equal(model.isCausal(), model.isCausal(), "what it says of attention");
    }

    private Path file() throws IOException {
        if (file == null) {
            file = Files.createTempFile("panllama-fuzz", ".gguf");
            file.toFile().deleteOnExit();
        }
        return file;
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        return HeaderSeeds.all();
    }
}
