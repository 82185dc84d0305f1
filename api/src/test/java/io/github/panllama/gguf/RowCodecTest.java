package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowCodecTest {
    private static final int LENGTH = 4096;

    private static float[] numbers() {
        var random = new SplittableRandom(7);
        float[] row = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            row[i] = (float) (random.nextGaussian() * Math.pow(10, i / 32 % 5 - 2)); // blocks of unlike size
        }
        Arrays.fill(row, 64, 96, 0);
        return row;
    }

    private static float[] roundTrip(GgmlType type, float[] row) {
        var buffer = ByteBuffer.allocate((int) type.byteSize(row.length)).order(ByteOrder.LITTLE_ENDIAN);
        RowCodec.of(type).encode(row, buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        float[] back = new float[row.length];
        RowCodec.of(type).decode(buffer.flip(), back);
        return back;
    }

    private static float largestOfBlock(float[] row, int index) {
        float largest = 0;
        for (int i = index & -32; i < (index & -32) + 32; i++) {
            largest = Math.max(largest, Math.abs(row[i]));
        }
        return largest;
    }

    @Test
    void f32IsExact() {
        assertThat(roundTrip(GgmlType.F32, numbers())).containsExactly(numbers());
    }

    @Test
    void halfAndBrainFloatsAreWithinHalfAUnitInTheLastPlace() {
        float[] row = numbers();
        float[] half = roundTrip(GgmlType.F16, row);
        float[] brain = roundTrip(GgmlType.BF16, row);
        for (int i = 0; i < LENGTH; i++) {
            assertThat(Math.abs(half[i] - row[i])).isLessThanOrEqualTo(Math.abs(row[i]) / 2048 + 0x1p-25f);
            assertThat(Math.abs(brain[i] - row[i])).isLessThanOrEqualTo(Math.abs(row[i]) / 256);
        }
    }

    @Test
    void brainFloatsRoundTiesToEvenAndKeepNanAndInfinity() {
        float[] row = {Float.intBitsToFloat(0x3F80_8000), Float.intBitsToFloat(0x3F81_8000), Float.POSITIVE_INFINITY};
        assertThat(roundTrip(GgmlType.BF16, row))
                .containsExactly(
                        Float.intBitsToFloat(0x3F80_0000), Float.intBitsToFloat(0x3F82_0000), Float.POSITIVE_INFINITY);
        assertThat(roundTrip(GgmlType.BF16, new float[] {Float.intBitsToFloat(0x7FFF_FFFF)}))
                .containsExactly(Float.NaN);
    }

    @Test
    void q8IsWithinHalfAStepOfTheBlocksLargestNumber() {
        float[] row = numbers();
        float[] back = roundTrip(GgmlType.Q8_0, row);
        for (int i = 0; i < LENGTH; i++) {
            float step = largestOfBlock(row, i) / 127;
            // half a step for rounding, and the scale itself is a half-precision number
            assertThat(Math.abs(back[i] - row[i])).isLessThanOrEqualTo(step * (0.5f + 127f / 2048) + 0x1p-17f);
        }
    }

    @Test
    void q4IsWithinAStepOfTheBlocksLargestNumber() {
        float[] row = numbers();
        float[] back = roundTrip(GgmlType.Q4_0, row);
        for (int i = 0; i < LENGTH; i++) {
            float step = largestOfBlock(row, i) / 8;
            // half a step, but a whole one at the end that the extreme number does not lie at
            assertThat(Math.abs(back[i] - row[i])).isLessThanOrEqualTo(step * (1 + 8f / 2048) + 0x1p-20f);
        }
    }

    @Test
    void blocksAreLaidOutAsGgmlReadsThem() {
        float[] row = new float[32];
        row[0] = -8;
        row[1] = 7;
        row[16] = 3;
        var q4 = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
        RowCodec.of(GgmlType.Q4_0).encode(row, q4);
        assertThat(Float.float16ToFloat(q4.getShort(0))).isEqualTo(1f);
        assertThat(q4.get(2)).isEqualTo((byte) 0xB0); // -8 is 0 in the low bits, 3 is 11 in the high bits
        assertThat(q4.get(3)).isEqualTo((byte) 0x8F); // 7 is 15, 0 is 8

        row[0] = -127;
        var q8 = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
        RowCodec.of(GgmlType.Q8_0).encode(row, q8);
        assertThat(Float.float16ToFloat(q8.getShort(0))).isEqualTo(1f);
        assertThat(q8.get(2)).isEqualTo((byte) -127);
        assertThat(q8.get(3)).isEqualTo((byte) 7);
    }
}
