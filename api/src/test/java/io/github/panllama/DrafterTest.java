package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DrafterTest {
    private static int[] draft(Drafter drafter, int limit) {
        int[][] drafts = {new int[64]};
        int[] lengths = new int[1];
        drafter.draft(1, new int[] {0}, new int[] {limit}, drafts, lengths);
        return Arrays.copyOf(drafts[0], lengths[0]);
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowedBeforeIsDrafted(Drafter.Lookup kind) {
        int[] text = new Random(1).ints(40, 0, 500).toArray();
        int[] twice = Arrays.copyOf(text, 44);
        System.arraycopy(text, 5, twice, 40, 4); // tokens 5 to 8 once more
        try (Drafter drafter = Drafter.lookup(kind, 4, 10)) {
            drafter.tell(0, 0, twice, 0, 30);
            assertThat(draft(drafter, 10)).isEmpty();
            drafter.tell(0, 30, twice, 30, 44);
            assertThat(draft(drafter, 10)).isEqualTo(Arrays.copyOfRange(text, 9, 19));
            drafter.accept(0, 10);
            assertThat(draft(drafter, 3)).isEqualTo(Arrays.copyOfRange(text, 9, 12));
            drafter.accept(0, 2);
            assertThat(draft(drafter, 0)).isEmpty();
            drafter.accept(0, 2); // nothing was drafted
            drafter.tell(0, 43, new int[] {501}, 0, 1);
            assertThat(draft(drafter, 10)).isEmpty();
            drafter.tell(0, 43, text, 8, 9);
            assertThat(draft(drafter, 2)).isEqualTo(Arrays.copyOfRange(text, 9, 11));
            drafter.tell(0, 0, new int[] {7}, 0, 1);
            assertThat(draft(drafter, 10)).isEmpty();
            drafter.tell(0, 0, new int[0], 0, 0);
            assertThat(draft(drafter, 10)).isEmpty();
        }
    }

    /** Whatever it is told: shorter and longer texts, wrong numbers to keep, accepted more than was drafted. */
    @ParameterizedTest
    @EnumSource
    void nothingThatItIsToldEndsTheProcess(Drafter.Lookup kind) {
        Random random = new Random(2);
        for (int match = 1; match < 6; match++) {
            try (Drafter drafter = Drafter.lookup(kind, match, 1 + random.nextInt(16))) {
                for (int i = 0; i < 3000; i++) {
                    int[] tokens = random.ints(random.nextInt(12), 0, 4).toArray();
                    drafter.tell(0, random.nextInt(random.nextInt(8) == 0 ? 3 : 400), tokens, 0, tokens.length);
                    int limit = random.nextInt(20);
                    int[] draft = draft(drafter, limit);
                    assertThat(draft).hasSizeLessThanOrEqualTo(limit);
                    for (int token : draft) {
                        assertThat(token).isBetween(0, 3);
                    }
                    drafter.accept(0, random.nextInt(2));
                }
            }
        }
    }

    @Test
    void aModelDraftsWhatItWouldSay() throws Exception {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = model.newContext(TestModels.context(256)
                        .maxSequences(2)
                        .unifiedKvCache(true)
                        .build());
                LlamaContext target = model.newContext(TestModels.context(64).build());
                Drafter drafter = Drafter.model(target, context, 8, 0);
                Batch batch = context.newBatch(64);
                Sampler greedy = Sampler.greedy(model)) {
            int[] prompt = new Random(4).ints(20, 3, 200).toArray();
            batch.addAll(prompt, 0, 19, 0, 1, false);
            context.decode(batch);
            drafter.tell(1, 0, prompt, 0, 20);
            int[][] drafts = {new int[8]};
            int[] lengths = new int[1];
            drafter.draft(1, new int[] {1}, new int[] {6}, drafts, lengths);
            assertThat(lengths[0]).isEqualTo(6);
            assertThat(context.memory().maxPosition(1)).isEqualTo(19 + 5);
            assertThatThrownBy(() -> context.logits(0)).isInstanceOf(IllegalStateException.class);

            context.memory().clear();
            batch.clear();
            batch.addAll(prompt, 0, 20, 0, 0, true);
            for (int i = 0; i < 6; i++) {
                context.decode(batch);
                assertThat(greedy.sample(context, batch.size() - 1)).isEqualTo(drafts[0][i]);
                batch.clear();
                batch.add(drafts[0][i], 20 + i, 0, true);
            }
        }
    }

    @Test
    void wrongUseIsRefused() {
        assertThatThrownBy(() -> Drafter.lookup(Drafter.Lookup.SIMPLE, 0, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("match is 0");
        assertThatThrownBy(() -> Drafter.lookup(Drafter.Lookup.MAP, 4, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("most is 0");
        Drafter drafter = Drafter.lookup(Drafter.Lookup.SIMPLE, 2, 4);
        assertThatThrownBy(() -> drafter.tell(1, 0, new int[1], 0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> drafter.tell(0, -1, new int[1], 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> drafter.accept(0, 5)).isInstanceOf(IllegalArgumentException.class);
        drafter.close();
        drafter.close();
        assertThatThrownBy(() -> drafter.tell(0, 0, new int[1], 0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> draft(drafter, 1)).isInstanceOf(IllegalStateException.class);
    }
}
