package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ContextOptions;
import io.github.panllama.Freed;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterTurnsTest {
    @TempDir
    Path folder;

    private final List<Job> jobs = new ArrayList<>();
    private LlamaModel model;
    private LlamaContext context;
    private LoraAdapter adapter;
    private AdapterTurns turns;
    private List<Slot> slots;

    @BeforeEach
    void open() throws IOException {
        model = EngineFixture.model();
        context = model.newContext(
                ContextOptions.builder().contextSize(256).threads(1).build());
        Path file = folder.resolve("lora.gguf");
        SyntheticLora.write(file, TinyModel.path(), 2, 0.1f, 1);
        adapter = LoraAdapter.load(model, file);
        turns = new AdapterTurns(context, Duration.ofMillis(50));
        slots = IntStream.range(0, 8).mapToObj(Slot::new).toList();
    }

    @AfterEach
    void close() {
        jobs.forEach(job -> job.sampler().close());
        adapter.close();
        context.close();
        model.close();
    }

    private Job job(float scale) {
        CompletionRequest request = CompletionRequest.builder(new int[] {1})
                .adapters(Map.of(adapter, scale))
                .build();
        Job job = EngineFixture.job(model, request, null);
        jobs.add(job);
        return job;
    }

    /** Whose turn is next: the index of the first slot that has it. */
    private int next() {
        return next(0);
    }

    private int next(long now) {
        turns.next(slots, now);
        turns.apply();
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null && turns.has(job)) {
                return slot.sequence();
            }
        }
        return -1;
    }

    @Test
    void groupsOfAnySizeHaveTheSameNumberOfTurns() {
        // Five of the plain kind, two with the adapter, one with a little of it.
        IntStream.range(0, 5).forEach(i -> slots.get(i).begin(job(0), i));
        slots.get(5).begin(job(1), 5);
        slots.get(6).begin(job(1), 6);
        slots.get(7).begin(job(0.5f), 7);
        for (int round = 0; round < 10; round++) {
            assertThat(List.of(next(), next(), next())).containsExactly(0, 5, 7);
            assertThat(turns.groups()).isEqualTo(3);
        }
    }

    /** Changing groups costs, so that without a target a turn lasts a few short steps, or one long one. */
    @Test
    void withoutATargetATurnLasts() {
        turns = new AdapterTurns(context, null);
        slots.get(0).begin(job(0), 0);
        slots.get(1).begin(job(1), 1);
        long start = -5_000_000; // the clock may be below 0
        assertThat(next(start)).isZero();
        assertThat(next(start + 4_000_000)).isZero();
        assertThat(next(start + 9_999_999)).isZero();
        assertThat(next(start + 10_000_000)).isEqualTo(1);
        assertThat(next(start + 19_000_000)).isEqualTo(1);
        assertThat(next(start + 60_000_000)).isZero();
        slots.get(0).end(3);
        slots.get(2).begin(job(2), 4);
        assertThat(next(start + 61_000_000)).isEqualTo(1);
        assertThat(next(start + 61_000_001)).isEqualTo(1);
        slots.get(1).end(3);
        assertThat(next(start + 61_000_002)).isEqualTo(2);
    }

    @Test
    void thoseThatKeepComingDoNotGoBeforeThoseThatWait() {
        slots.get(0).begin(job(0), 0);
        slots.get(1).begin(job(1), 1);
        assertThat(next()).isZero();
        for (int i = 0; i < 20; i++) {
            // The plain one ends after each turn, and another comes at once; and one more kind comes and goes.
            slots.get(0).end(i);
            slots.get(0).begin(job(0), i);
            slots.get(2).begin(job(2 + i), i);
            assertThat(next()).isEqualTo(1);
            slots.get(2).end(i);
            assertThat(next()).isZero();
        }
    }

    @Test
    void oneThatIsPausedKeepsItsPlaceAndHasNoTurn() {
        Job paused = job(1);
        slots.get(0).begin(job(0), 0);
        slots.get(1).begin(paused, 1);
        slots.get(2).begin(job(2), 2);
        assertThat(List.of(next(), next(), next())).containsExactly(0, 1, 2);
        // Its prompt is computed, and its reader has a chunk to read.
        slots.get(1).plan(1);
        slots.get(1).carryOut();
        var reader = paused.generation().iterator();
        paused.generation().add(new GenerationChunk("x", OptionalInt.empty(), java.util.Optional.empty()));
        assertThat(List.of(next(), next(), next())).containsExactly(0, 2, 0);
        reader.next();
        assertThat(List.of(next(), next(), next())).containsExactly(1, 2, 0);
    }

    @Test
    void oneGroupAloneHasEveryTurn() {
        assertThat(next()).isEqualTo(-1);
        assertThat(turns.groups()).isEqualTo(1);
        slots.get(3).begin(job(1), 0);
        slots.get(4).begin(job(1), 0);
        assertThat(List.of(next(), next())).containsExactly(3, 3);
        assertThat(turns.groups()).isEqualTo(1);
        slots.get(3).end(1);
        slots.get(4).end(1);
        slots.get(5).begin(job(0), 2);
        assertThat(List.of(next(), next())).containsExactly(5, 5);
    }

    @Test
    void oneThatIsClosedAfterItsLastGenerationIsFreed() {
        slots.get(0).begin(job(1), 0);
        assertThat(next()).isZero();
        slots.get(0).end(1);
        adapter.close();
        assertThat(Freed.isFreed(adapter)).as("while the context applies it").isFalse();
        assertThat(next()).isEqualTo(-1);
        assertThat(Freed.isFreed(adapter)).isTrue();
    }
}
