package io.github.panllama.training.math;

import java.util.Objects;

/** A view of a two-dimensional part of an array. Element (i, j) is {@code data[offset + i * rowStride + j * columnStride]}. */
@SuppressWarnings("ArrayRecordComponent") // a view, compared by nobody
public record Matrix(float[] data, int offset, int rows, int columns, int rowStride, int columnStride) {
    public Matrix {
        Objects.checkIndex(offset, data.length + 1);
        if (rows > 0 && columns > 0) {
            Objects.checkIndex(offset + (rows - 1) * rowStride + (columns - 1) * columnStride, data.length);
        }
    }

    /** Rows one after the other from an offset. */
    public static Matrix of(float[] data, int offset, int rows, int columns) {
        return new Matrix(data, offset, rows, columns, columns, 1);
    }

    public static Matrix of(float[] data, int rows, int columns) {
        return of(data, 0, rows, columns);
    }

    public Matrix transposed() {
        return new Matrix(data, offset, columns, rows, columnStride, rowStride);
    }

    /** A block of it. */
    public Matrix part(int firstRow, int rowCount, int firstColumn, int columnCount) {
        return new Matrix(
                data,
                offset + firstRow * rowStride + firstColumn * columnStride,
                rowCount,
                columnCount,
                rowStride,
                columnStride);
    }
}
