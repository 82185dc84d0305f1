package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mixed load for a while: cancellations, deadlines, slow readers, stops, grammars, priorities, speculation, an adapter,
 * shifts, and sessions that are parked and forked; in a cache and a memory that are always short of room. {@code
 * -Dpanllama.soak.seconds=1800} makes it longer.
 */
@Tag("slow")
class EngineSoakTest {
    private static final int ASKING = 16;
    private static final int CONVERSING = 10;
    private static final int SEQUENCES = 12;
    private static final int ROOM = 768;
    private static final int SECONDS = Integer.getInteger("panllama.soak.seconds", 20);
    /** The virtual machine itself needs some more after a while; the first seconds say little. */
    private static final long MOST_GROWTH = (SECONDS < 600 ? 256L : 64L) << 20;

    @TempDir
    Path folder;

    /** In one KV cache, which is too small for all, for half of the time; in rooms of their own for the other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsLostAndNothingIsDoubled(boolean unified) throws Exception {
        Path lora = folder.resolve("lora.gguf");
        SyntheticLora.write(lora, TinyModel.path(), 2, 0.02f, 1);
        try (LlamaModel model = EngineFixture.model();
                LoraAdapter adapter = LoraAdapter.load(model, lora)) {
            SoakReferences references = new SoakReferences(model, adapter, kv(options(), unified), ROOM, !unified);
            Path sessions = folder.resolve("sessions");
            EngineOptions options = kv(options(), unified)
                    .sequences(SEQUENCES)
                    .contextSize(unified ? 3000 : SEQUENCES * ROOM)
                    .batchSize(256)
                    .readAhead(8)
                    .targetInterTokenLatency(Duration.ofMillis(20))
                    .sessionMemory(1_000_000)
                    .sessionFolder(sessions)
                    .build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                soak(engine, new SoakClients(engine, references));
                checkAllIsFree(engine);
            }
            try (var files = Files.list(sessions)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactly(".lock");
            }
        }
    }

    private static EngineOptions.Builder kv(EngineOptions.Builder options, boolean unified) {
        return options.context(context -> EngineFixture.fixed(context).unifiedKvCache(unified));
    }

    private static void soak(LlamaEngine engine, SoakClients clients) throws Exception {
        Duration half = Duration.ofSeconds(SECONDS).dividedBy(2);
        run(clients, half.dividedBy(10), 0);
        long before = memory();
        int comparedBefore = clients.compared.get();
        run(clients, half.minus(half.dividedBy(10)), 1000);
        long growth = memory() - before;
        assertThat(clients.compared.get() - comparedBefore).isGreaterThan(clients.ended.get() / 4);
        assertThat(growth).as("bytes more after the first tenth").isLessThan(MOST_GROWTH);
        EngineStats stats = engine.stats();
        assertThat(stats.completed()).isEqualTo(clients.ended.get());
        assertThat(stats.draftedTokens()).isPositive();
    }

    private static void run(SoakClients clients, Duration time, int seed) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < ASKING + CONVERSING; i++) {
                Random random = new Random(seed + i);
                boolean asks = i < ASKING;
                running.add(threads.submit(() -> {
                    if (asks) {
                        clients.ask(random, end);
                    } else {
                        clients.converse(random, end);
                    }
                    return asks;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    /** What the process has in memory, without what the Java heap has room for; 0 where the system does not tell. */
    private static long memory() throws IOException {
        System.gc();
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        String line = Files.readAllLines(status).stream()
                .filter(it -> it.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        long resident = 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        return resident - Runtime.getRuntime().freeMemory();
    }

    private static void checkAllIsFree(LlamaEngine engine) {
        EngineStats stats = engine.stats();
        assertThat(stats.queued()).isZero();
        assertThat(stats.active()).isZero();
        assertThat(stats.sessions()).isEqualTo(new EngineStats.Sessions(0, 0, 0, 0));
        List<Generation> all = engine.generate(endless(engine.model(), 50).build(), SEQUENCES);
        assertThat(all.stream().map(Generation::await))
                .allSatisfy(result -> assertThat(result.tokens()).hasSize(50));
        assertThat(engine.stats().active()).isZero();
    }
}
