package io.github.panllama.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.embedding.Packing.Run;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackingTest {
    @Test
    void batchesFollowOneAnotherAndNoneIsTooLarge() {
        Random random = new Random(4);
        for (int round = 0; round < 300; round++) {
            int batchSize = 1 + random.nextInt(100);
            int sequences = 1 + random.nextInt(20);
            int[] lengths = random.ints(random.nextInt(60), 1, 120).toArray();
            List<Run> batches = Packing.of(lengths, batchSize, sequences);
            int next = 0;
            for (Run run : batches) {
                int tokens = sum(lengths, run);
                assertThat(run.from()).isEqualTo(next);
                assertThat(run.to() - run.from()).isBetween(1, sequences);
                assertThat(run.to() - run.from() == 1 || tokens <= batchSize).isTrue();
                next = run.to();
            }
            assertThat(next).isEqualTo(lengths.length);
        }
    }

    private static int sum(int[] lengths, Run run) {
        return IntStream.range(run.from(), run.to()).map(i -> lengths[i]).sum();
    }

    @Test
    void aBatchEndsWhereTheNextTextDoesNotFit() {
        int[] lengths = IntStream.range(0, 1000).map(i -> 1 + i * 31 % 200).toArray();
        List<Run> batches = Packing.of(lengths, 512, 256);
        for (Run run : batches.subList(0, batches.size() - 1)) {
            assertThat(sum(lengths, run) + lengths[run.to()]).isGreaterThan(512);
        }
    }

    @Test
    void aTextThatIsLongerThanABatchIsAlone() {
        assertThat(Packing.of(new int[] {3, 600, 4, 508, 1}, 512, 256))
                .containsExactly(new Run(0, 1), new Run(1, 2), new Run(2, 4), new Run(4, 5));
    }

    @Test
    void nothingIsNoBatch() {
        assertThat(Packing.of(new int[0], 512, 256)).isEmpty();
    }
}
