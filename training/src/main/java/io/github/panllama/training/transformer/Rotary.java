package io.github.panllama.training.transformer;

/** Rotary positions: neighbouring pairs of a head's values turn by an angle that grows with the position. */
final class Rotary {
    private final int headWidth;
    private final float[] cosines;
    private final float[] sines;

    Rotary(int headWidth, int positions) {
        this.headWidth = headWidth;
        int pairs = headWidth / 2;
        cosines = new float[positions * pairs];
        sines = new float[positions * pairs];
        for (int position = 0; position < positions; position++) {
            for (int pair = 0; pair < pairs; pair++) {
                double angle = position * StrictMath.pow(Shape.ROPE_BASE, -2.0 * pair / headWidth);
                cosines[position * pairs + pair] = (float) StrictMath.cos(angle);
                sines[position * pairs + pair] = (float) StrictMath.sin(angle);
            }
        }
    }

    void forward(Documents documents, float[] x, int width) {
        turn(documents, x, width, 1);
    }

    /** A rotation's gradient is the rotation back. */
    void backward(Documents documents, float[] x, int width) {
        turn(documents, x, width, -1);
    }

    private void turn(Documents documents, float[] x, int width, int direction) {
        int pairs = headWidth / 2;
        int[] starts = documents.starts();
        for (int d = 0; d + 1 < starts.length; d++) {
            for (int t = starts[d]; t < starts[d + 1]; t++) {
                int angle = (t - starts[d]) * pairs;
                for (int head = t * width; head < (t + 1) * width; head += headWidth) {
                    for (int pair = 0; pair < pairs; pair++) {
                        float cos = cosines[angle + pair];
                        float sin = direction * sines[angle + pair];
                        float a = x[head + 2 * pair];
                        float b = x[head + 2 * pair + 1];
                        x[head + 2 * pair] = a * cos - b * sin;
                        x[head + 2 * pair + 1] = a * sin + b * cos;
                    }
                }
            }
        }
    }
}
