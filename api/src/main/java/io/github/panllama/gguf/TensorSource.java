package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * The stored bytes of one tensor, produced while the file is written, so that no tensor need ever be in memory whole.
 */
@FunctionalInterface
public interface TensorSource {
    /**
     * Writes the tensor's bytes, exactly as many as its shape and type call for.
     *
     * @param out where to
     * @throws IOException if writing fails, or whatever the bytes come from does
     */
    void writeTo(WritableByteChannel out) throws IOException;

    /** The numbers of one tensor, row by row. */
    @FunctionalInterface
    interface Rows {
        /**
         * Fills one row. Rows are asked for once each, in order.
         *
         * @param index 0 to the number of rows - 1, counted through all outer dimensions
         * @param row where the numbers go; what is in it at first has no meaning
         */
        void fill(long index, float[] row);
    }

    /**
     * Bytes that are in memory already.
     *
     * @param bytes the tensor's data, not copied
     * @return a source
     */
    static TensorSource of(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        return out -> writeFully(out, ByteBuffer.wrap(bytes));
    }

    /**
     * Numbers encoded row by row.
     *
     * @param type F32, F16, BF16, Q8_0 or Q4_0
     * @param rowLength how many numbers a row has, a multiple of the type's block size
     * @param rowCount how many rows there are
     * @param rows the numbers
     * @return a source
     * @throws IllegalArgumentException if the type has no encoder here, a row is no whole count of its blocks, or is larger
     *     than 2 GiB, or a number is negative
     */
    static TensorSource of(GgmlType type, int rowLength, long rowCount, Rows rows) {
        Objects.requireNonNull(rows, "rows");
        RowCodec codec = RowCodec.of(type);
        long bytes = type.byteSize(rowLength);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A row of %d numbers has %d bytes, must have at most %d"
                    .formatted(rowLength, bytes, Integer.MAX_VALUE));
        }
        if (rowCount < 0) {
            throw new IllegalArgumentException("rowCount is %d, must not be negative".formatted(rowCount));
        }
        int rowBytes = (int) bytes;
        return out -> {
            float[] row = new float[rowLength];
            int capacity = Math.max(rowBytes, 1 << 16);
            var buffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
            for (long i = 0; i < rowCount; i++) {
                if (buffer.remaining() < rowBytes) {
                    writeFully(out, buffer.flip());
                    buffer.clear();
                }
                rows.fill(i, row);
                codec.encode(row, buffer);
            }
            writeFully(out, buffer.flip());
        };
    }

    private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
