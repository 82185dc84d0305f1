package io.github.panllama.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackingTest {
    @Test
    void everyTextIsInOneBatchAndNoBatchIsTooLarge() {
        Random random = new Random(4);
        for (int round = 0; round < 300; round++) {
            int batchSize = 1 + random.nextInt(100);
            int sequences = 1 + random.nextInt(20);
            int[] lengths = random.ints(random.nextInt(60), 1, 120).toArray();
            List<int[]> batches = Packing.of(lengths, batchSize, sequences);
            assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                    .isEqualTo(IntStream.range(0, lengths.length).toArray());
            for (int[] members : batches) {
                int tokens = Arrays.stream(members).map(i -> lengths[i]).sum();
                assertThat(members.length).isBetween(1, sequences);
                assertThat(members.length == 1 || tokens <= batchSize).isTrue();
            }
        }
    }

    @Test
    void batchesAreFullButForTheRoomThatTheShortestTextLeftDoesNotFit() {
        int[] lengths = IntStream.range(0, 1000).map(i -> 1 + i * 31 % 200).toArray();
        List<int[]> batches = Packing.of(lengths, 512, 256);
        int tokens = Arrays.stream(lengths).sum();
        assertThat(batches).hasSizeLessThanOrEqualTo((int) Math.ceil(tokens / (512 - 200.0)));
        for (int i = 0; i + 1 < batches.size(); i++) {
            int taken = Arrays.stream(batches.get(i)).map(member -> lengths[member]).sum();
            int shortest = batches.subList(i + 1, batches.size()).stream()
                    .flatMapToInt(Arrays::stream)
                    .map(member -> lengths[member])
                    .min()
                    .orElseThrow();
            assertThat(taken + shortest).isGreaterThan(512);
        }
    }

    @Test
    void aTextThatIsLongerThanABatchIsAlone() {
        assertThat(Packing.of(new int[] {3, 600, 4, 512}, 512, 256))
                .usingRecursiveComparison()
                .isEqualTo(List.of(new int[] {1}, new int[] {3}, new int[] {2, 0}));
    }

    @Test
    void nothingIsNoBatch() {
        assertThat(Packing.of(new int[0], 512, 256)).isEmpty();
    }
}
