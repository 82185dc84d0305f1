package io.github.panllama.bindings;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The reader of the index that lies beside native libraries. No name in it leads out of its folder. */
public final class NativeIndexTarget implements FuzzTarget {
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 512;
    private static final Path FOLDER = Path.of("/folder");

    @Override
    public void run(byte[] input) throws Exception {
        Optional<NativeIndex> index = Allocation.atMost(BASE + (long) BYTES_PER_BYTE * input.length, () -> {
            try {
                return Optional.of(NativeIndex.parse(input, "the index"));
            } catch (NativeLoadException e) {
                return Optional.empty();
            }
        });
        index.ifPresent(NativeIndexTarget::check);
    }

    private static void check(NativeIndex index) {
        for (NativeFile file : index.files()) {
            Expect.equal(FOLDER.resolve(file.name()).normalize().getParent(), FOLDER, "the folders");
        }
        Expect.equal(index.digest().length(), 64, "the digits of a digest");
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(Input.text("""
                release=0.5.0
                platform=linux-x86_64
                kind=core
                file.1.name=libggml-base.so
                file.1.size=10
                file.1.role=base
                file.1.sha256=%s
                file.2.name=libllama.so.0
                file.2.size=20
                file.2.role=library
                file.2.sha256=%s
                """.formatted("ab".repeat(32), "01".repeat(32))));
    }
}
