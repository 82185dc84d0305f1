package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.StateCopy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who has to go, and who is fetched, with a disk that does nothing unless the test does it. */
class PlacementTest {
    private static final int TOKENS = 100;

    private final List<Job> jobs = new ArrayList<>();
    private LlamaModel model;
    private LlamaContext context;
    private List<Slot> slots;
    private SlotMemory memory;
    private SessionStore sessions;
    private Placement placement;

    @BeforeEach
    void load() {
        model = EngineFixture.model();
    }

    @AfterEach
    void close() {
        jobs.forEach(Job::release);
        sessions.close();
        context.close();
        model.close();
    }

    private void open(int sequences, long budget) {
        context = model.newContext(EngineFixture.fixed(ContextOptions.builder())
                .unifiedKvCache(true)
                .maxSequences(sequences)
                .contextSize(512)
                .build());
        slots = IntStream.range(0, sequences).mapToObj(Slot::new).toList();
        memory = new SlotMemory(context);
        sessions = new SessionStore(budget, true);
        placement = new Placement(slots, memory, sessions, new Eviction(slots, memory, sessions), true);
    }

    /** No two begin alike. */
    private static int[] tokens(int count, int seed) {
        return new Random(seed).ints(count, 0, 400).toArray();
    }

    private Session session(String id) {
        Session session = new Session(null, id);
        sessions.add(session);
        sessions.show(session);
        return session;
    }

    private Job job(int[] prompt, @Nullable Session session) {
        Job job = EngineFixture.job(
                model, CompletionRequest.builder(prompt).maxTokens(1).build(), session);
        jobs.add(job);
        return job;
    }

    private Placement.Answer place(Job job) {
        return placement.place(job, 0);
    }

    private Slot slot(Job job) {
        return slots.stream().filter(slot -> slot.job() == job).findAny().orElseThrow();
    }

    /** Computes a prompt, and ends. */
    private Slot run(int[] prompt, @Nullable Session session) {
        Job job = job(prompt, session);
        placement.startAdmission();
        assertThat(place(job)).isEqualTo(Placement.Answer.BEGUN);
        Slot slot = slot(job);
        compute(prompt, slot);
        placement.stepped();
        placement.end(slot);
        return slot;
    }

    private void compute(int[] prompt, Slot slot) {
        try (Batch batch = context.newBatch()) {
            for (int i = slot.length(); i < prompt.length; i++) {
                batch.add(prompt[i], i, slot.sequence(), false);
                slot.plan(prompt[i]);
            }
            context.decode(batch);
        }
        memory.carryOut(slot);
    }

    /** One after another, in the same sequence. */
    private Slot runOnAndOn(int[] prompt, int times) {
        Slot slot = run(prompt, null);
        for (int i = 0; i < times; i++) {
            int[] longer = Arrays.copyOf(prompt, prompt.length + i + 1);
            assertThat(run(longer, null)).isSameAs(slot);
        }
        return slot;
    }

    @Test
    void whatNeedsNoParkingGoesFirst() {
        open(2, Long.MAX_VALUE);
        Session older = session("older");
        run(tokens(TOKENS, 1), older);
        Slot plain = run(tokens(TOKENS, 2), null);
        assertThat(run(tokens(TOKENS, 3), null)).isSameAs(plain);
        assertThat(sessions.parked(older)).isNull();
    }

    @Test
    void whatWasParkedAlreadyGoesFirst() {
        open(2, Long.MAX_VALUE);
        Session older = session("older");
        Session saved = session("saved");
        run(tokens(TOKENS, 1), older);
        Slot slot = run(tokens(TOKENS, 2), saved);
        assertThat(placement.park(saved)).isTrue();
        assertThat(run(tokens(TOKENS, 3), null)).isSameAs(slot);
        assertThat(sessions.parked(older)).isNull();
    }

    @Test
    void whatWasNotUsedForLongIsParked() {
        open(2, Long.MAX_VALUE);
        Session older = session("older");
        Slot slot = run(tokens(TOKENS, 1), older);
        runOnAndOn(tokens(TOKENS, 2), 4);
        assertThat(run(tokens(TOKENS, 3), null)).isSameAs(slot);
        assertThat(sessions.parked(older)).isNotNull();
    }

    /** The memory is full until the disk has written. */
    @Test
    void whereNothingCanBeParkedNowOthersGo() {
        open(2, TOKENS * 3000L);
        run(tokens(TOKENS, 1), session("one"));
        Session other = session("other");
        Slot slot = run(tokens(TOKENS, 2), other);
        Slot plain = runOnAndOn(tokens(TOKENS, 3), 5);
        assertThat(plain).isNotSameAs(slot);
        assertThat(memory.size(slot)).isBetween(TOKENS * 1500L, TOKENS * 3000L);
        assertThat(run(tokens(TOKENS, 4), null)).isSameAs(plain);
        assertThat(sessions.parked(other)).isNull();
    }

    /** Small states that keep coming would not leave it the room. */
    @Test
    void aLargeStateIsReadBeforeSmallOnesThatCameLater() throws Exception {
        open(1, Long.MAX_VALUE);
        int[] large = tokens(200, 1);
        int[] small = tokens(40, 2);
        run(large, null);
        StateCopy filler = context.state(0).copy();
        StateCopy copy = context.state(0).copy();
        run(small, null);
        long bytes = filler.sizeInBytes();
        sessions = new SessionStore(bytes + 1000, true);
        placement = new Placement(slots, memory, sessions, new Eviction(slots, memory, sessions), true);
        sessions.opened(session("in memory"), large, filler);
        Session first = onDisk("first", small, context.state(0).copy());
        Session second = onDisk("second", large, copy);
        Session third = onDisk("third", small, context.state(0).copy());
        memory.truncate(slots.getFirst(), 0);

        placement.startAdmission();
        assertThat(place(next(first, small))).isEqualTo(Placement.Answer.NOT_YET);
        assertThat(place(next(second, large))).isEqualTo(Placement.Answer.NOT_YET);
        assertThat(place(next(third, small))).isEqualTo(Placement.Answer.NOT_YET);
        assertThat(sessions.parked(first).pinned).isTrue();
        assertThat(sessions.parked(third).pinned).isFalse();
        sessions.unpin(first);
        placement.startAdmission();
        assertThat(place(next(second, large))).isEqualTo(Placement.Answer.NOT_YET);
        assertThat(sessions.parked(second).pinned).isTrue();
    }

    private Session onDisk(String id, int[] computed, StateCopy copy) {
        Session session = session(id);
        sessions.opened(session, computed, copy);
        assertThat(sessions.isHere(sessions.parked(session))).isFalse();
        return session;
    }

    private Job next(Session session, int[] computed) {
        return job(Arrays.copyOf(computed, computed.length + 1), session);
    }
}
