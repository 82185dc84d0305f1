package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CellLedgerTest {
    private static final int SEQUENCES = 6;

    /** Against a plain account: every cell is an object, a sequence a list of them. */
    @Test
    void itCountsWhatAPlainAccountCounts() {
        CellLedger ledger = new CellLedger(SEQUENCES);
        List<List<Object>> plain = IntStream.range(0, SEQUENCES)
                .mapToObj(i -> (List<Object>) new ArrayList<>())
                .toList();
        Random random = new Random(7);
        for (int step = 0; step < 20_000; step++) {
            int one = random.nextInt(SEQUENCES);
            int other = random.nextInt(SEQUENCES);
            List<Object> cells = plain.get(one);
            int length = random.nextInt(cells.size() + 1);
            switch (random.nextInt(4)) {
                case 0 -> {
                    int count = random.nextInt(1, 9);
                    ledger.grow(one, count);
                    IntStream.range(0, count).forEach(i -> cells.add(new Object()));
                }
                case 1 -> {
                    if (one != other && plain.get(other).isEmpty()) {
                        ledger.share(one, other, length);
                        plain.get(other).addAll(cells.subList(0, length));
                    }
                }
                case 2 -> {
                    ledger.truncate(one, length);
                    cells.subList(length, cells.size()).clear();
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        ledger.truncate(one, 0);
                        cells.clear();
                    }
                }
            }
            assertThat(ledger.used()).isEqualTo(count(plain));
            assertThat(ledger.usedBy(List.of(one, other))).isEqualTo(count(List.of(cells, plain.get(other))));
            assertThat(ledger.length(one)).isEqualTo(cells.size());
        }
    }

    private static int count(List<List<Object>> sequences) {
        Set<Object> cells = new HashSet<>();
        sequences.forEach(cells::addAll);
        return cells.size();
    }
}
