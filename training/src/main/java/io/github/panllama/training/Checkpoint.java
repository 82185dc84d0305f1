package io.github.panllama.training;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Where a long training stands, in a file, so that it can go on after it was stopped. */
final class Checkpoint {
    private Checkpoint() {}

    static void save(Path file, Trainer trainer) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
            out.writeUTF(trainer.identity());
            out.writeInt(trainer.step());
            for (float[] array : arrays(trainer)) {
                ByteBuffer bytes = ByteBuffer.allocate(array.length * Float.BYTES);
                bytes.asFloatBuffer().put(array);
                out.write(bytes.array());
            }
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static void load(Path file, Trainer trainer) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            String identity = in.readUTF();
            if (!identity.equals(trainer.identity())) {
                throw new IOException(file + " is of another training: " + identity + ", not " + trainer.identity()
                        + "; remove it, or name another folder with --out");
            }
            trainer.continueAfter(in.readInt());
            for (float[] array : arrays(trainer)) {
                byte[] bytes = new byte[array.length * Float.BYTES];
                in.readFully(bytes);
                ByteBuffer.wrap(bytes).asFloatBuffer().get(array);
            }
        }
        trainer.optimizer().continueAfter(trainer.step());
    }

    private static List<float[]> arrays(Trainer trainer) {
        return List.of(
                trainer.parameters().values(),
                trainer.optimizer().first(),
                trainer.optimizer().second());
    }
}
