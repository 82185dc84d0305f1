package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final int SEQUENCES = 4;
    private static final int CELLS = 4096;

    private final Router router = new Router(true);
    private final List<ReplicaLoad> replicas = replicas(3);

    /** A job's load that nobody asks for. */
    static JobLoad load() {
        return new Router(false)
                .place(prompt(replicas(1), new int[1], 1, new long[0], 0, null), 1, false)
                .getFirst();
    }

    private static List<ReplicaLoad> replicas(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ReplicaLoad(i, SEQUENCES, CELLS))
                .toList();
    }

    private static RoutedPrompt prompt(
            List<ReplicaLoad> able,
            int[] tokens,
            int maxTokens,
            long[] chain,
            int continued,
            @Nullable ReplicaLoad home) {
        return new RoutedPrompt(able, tokens.length, maxTokens, 0, chain, continued, home);
    }

    private JobLoad place(int[] tokens, int maxTokens) {
        return place(tokens, maxTokens, 1).getFirst();
    }

    private List<JobLoad> place(int[] tokens, int maxTokens, int count) {
        return router.place(prompt(replicas, tokens, maxTokens, router.chain(tokens, 0), 0, null), count, true);
    }

    private static int[] tokens(int length, long seed) {
        return new Random(seed).ints(length, 0, 1000).toArray();
    }

    /** Begins like another one, and goes on differently. */
    private static int[] like(int[] other, int length, long seed) {
        int[] tokens = tokens(length, seed);
        System.arraycopy(other, 0, tokens, 0, other.length);
        return tokens;
    }

    @Test
    void theOneWithTheFewestTokensIsChosen() {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            place(tokens(1 + random.nextInt(500), i), 1 + random.nextInt(100));
            long most = replicas.stream().mapToLong(ReplicaLoad::tokens).max().orElseThrow();
            long least = replicas.stream().mapToLong(ReplicaLoad::tokens).min().orElseThrow();
            // A job more, and what a free sequence is worth.
            assertThat(most - least).isLessThanOrEqualTo(600 + 128 * SEQUENCES);
        }
    }

    @Test
    void equalOnesTakeTurns() {
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            JobLoad load = place(tokens(40, i), 10);
            chosen.add(load.replica().index());
            load.end();
        }
        assertThat(chosen).containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void aPromptGoesWhereItsBeginningWasComputedUnlessThatOneHasFarMoreToDo() {
        int[] shared = tokens(640, 1);
        JobLoad first = place(shared, 10);
        first.end();
        for (int i = 0; i < 3; i++) {
            JobLoad load = place(like(shared, 700, i), 10);
            assertThat(load.replica()).isSameAs(first.replica());
            load.end();
        }
        ReplicaLoad loaded = first.replica();
        loaded.change(2 * 640 - 1);
        assertThat(place(like(shared, 700, 9), 10).replica()).isSameAs(loaded);
        loaded.change(200);
        JobLoad other = place(like(shared, 700, 10), 10);
        assertThat(other.replica()).isNotSameAs(loaded);
        // From now on there are two.
        assertThat(place(like(shared, 700, 11), 10).replica()).isSameAs(other.replica());
    }

    @Test
    void whatWasGeneratedCountsToo() {
        int[] question = tokens(20, 1);
        int[] conversation = like(question, 400, 2);
        JobLoad first = place(question, 400);
        first.end();
        first.finished(380, conversation);
        assertThat(place(like(conversation, 430, 3), 10).replica()).isSameAs(first.replica());
    }

    @Test
    void promptsThatAreComputedDifferentlyHaveNothingInCommon() {
        int[] tokens = tokens(320, 1);
        PrefixIndex index = new PrefixIndex(CELLS);
        index.add(PrefixIndex.chain(tokens, 1));
        assertThat(index.common(PrefixIndex.chain(tokens, 1))).isEqualTo(288);
        assertThat(index.common(PrefixIndex.chain(tokens, 2))).isZero();
        assertThat(index.common(PrefixIndex.chain(like(Arrays.copyOf(tokens, 100), 320, 3), 1)))
                .isEqualTo(96);
    }

    @Test
    void whatWasUsedLongestAgoIsForgottenAndLongPromptsFromTheirEnd() {
        PrefixIndex index = new PrefixIndex(10 * PrefixIndex.BLOCK);
        long[][] chains = new long[4][];
        Arrays.setAll(chains, i -> PrefixIndex.chain(tokens(3 * PrefixIndex.BLOCK + 1, i), 0));
        index.add(chains[0]);
        index.add(chains[1]);
        index.add(chains[2]);
        index.add(chains[0]);
        index.add(chains[3]); // 12 blocks in all: two too many
        assertThat(index.common(chains[0])).isEqualTo(3 * PrefixIndex.BLOCK);
        assertThat(index.common(chains[1])).isEqualTo(PrefixIndex.BLOCK);
        assertThat(index.common(chains[2])).isEqualTo(3 * PrefixIndex.BLOCK);
        long[] huge = PrefixIndex.chain(tokens(1000, 9), 0);
        index.add(huge);
        assertThat(index.common(huge)).isEqualTo(10 * PrefixIndex.BLOCK);
        assertThat(index.common(chains[3])).isZero();
    }

    @Test
    void severalAnswersStayTogetherWhileThereIsAFreeSequence() {
        List<JobLoad> placed = place(tokens(100, 1), 500, 3 * SEQUENCES);
        for (int i = 0; i < placed.size(); i += SEQUENCES) {
            assertThat(placed.subList(i, i + SEQUENCES))
                    .extracting(JobLoad::replica)
                    .containsOnly(placed.get(i).replica());
        }
        assertThat(placed.stream().map(JobLoad::replica).distinct()).hasSize(3);
    }

    @Test
    void onlyThoseThatCanAreChosen() {
        List<ReplicaLoad> able = List.of(replicas.get(2));
        for (int i = 0; i < 20; i++) {
            int[] tokens = tokens(100, i);
            RoutedPrompt prompt = prompt(able, tokens, 100, router.chain(tokens, 0), 0, null);
            assertThat(router.place(prompt, 1, true).getFirst().replica()).isSameAs(replicas.get(2));
        }
    }

    @Test
    void aSessionGoesHomeUnlessThereIsFarMoreToDo() {
        ReplicaLoad home = replicas.get(1);
        RoutedPrompt prompt = prompt(replicas, tokens(320, 1), 10, new long[0], 300, home);
        home.change(299);
        JobLoad load = router.place(prompt, 1, true).getFirst();
        assertThat(load.replica()).isSameAs(home);
        assertThat(home.tokens()).isEqualTo(299 + 20 + 10);
        home.change(2);
        load.end();
        assertThat(router.place(prompt, 1, true).getFirst().replica()).isNotSameAs(home);
    }

    @Test
    void whatAJobCostsGoesDownToNothing() {
        JobLoad load = place(tokens(100, 1), 50);
        ReplicaLoad replica = load.replica();
        assertThat(replica.tokens()).isEqualTo(150);
        load.begun(40);
        assertThat(replica.tokens()).isEqualTo(110);
        load.generated(1);
        assertThat(replica.tokens()).isEqualTo(49);
        load.generated(60);
        assertThat(replica.tokens()).isEqualTo(1);
        load.end();
        load.end();
        load.generated(2);
        assertThat(replica.tokens()).isZero();
        assertThat(replica.isFull()).isFalse();
    }

    /** A request that may get very many tokens is not taken at its word. */
    @Test
    void howManyTokensAreUsualIsLearnt() {
        JobLoad load = place(tokens(1, 1), 100_000);
        assertThat(load.replica().tokens()).isEqualTo(1 + 128);
        load.end();
        for (int i = 0; i < 200; i++) {
            router.finished(1000);
        }
        JobLoad next = place(tokens(1, 1), 100_000);
        assertThat(next.replica().tokens()).isBetween(990L, 1001L);
    }
}
