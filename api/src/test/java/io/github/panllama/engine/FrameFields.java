package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import java.util.Arrays;
import java.util.function.Consumer;

/** The fields of a frame, as the other side reads them. */
final class FrameFields {
    private FrameFields() {}

    static FrameReader of(Consumer<FrameWriter> fields) {
        FrameWriter frame = new FrameWriter(2);
        fields.accept(frame);
        byte[] bytes = frame.toBytes();
        return FrameReader.of(Arrays.copyOfRange(bytes, Integer.BYTES + 1, bytes.length));
    }
}
