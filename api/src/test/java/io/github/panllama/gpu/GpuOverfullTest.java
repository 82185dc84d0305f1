package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Question;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Isolated engines that take all of the card, and more than it has, because nobody refuses them: each answers, or fails
 * with a reason, or crashes, and whoever else is on the card goes on. Where the card has no memory of its own, what a
 * worker may have of this machine's stands in for it.
 */
@OnCard
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a worker's memory is limited by ulimit")
class GpuOverfullTest {
    private static final long MIB = 1L << 20;
    private static final long LIMIT_KIB = 3L << 20;
    private static final long BYTES_PER_TOKEN = 128L << 10;
    private static final int SMALL = 1024;

    /**
     * What is left free, in MiB: down to where a context still fits, and what computing takes beside it does not. Of an
     * address space some is reserved and not used yet, so that less than nothing may do.
     */
    private static final List<Long> LEFT =
            Card.hasMemoryOfItsOwn() ? List.of(512L, 128L, 32L, 8L, 2L, 0L) : List.of(0L, -512L);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path folder;

    private static Path file;
    private static Path limited;

    @BeforeAll
    static void write() throws IOException {
        file = WideModel.write(folder, 1 << 24);
        limited = Files.writeString(
                folder.resolve("java"),
                "#!/bin/sh\nulimit -v %d\nexec '%s' \"$@\"\n"
                        .formatted(LIMIT_KIB, Path.of(System.getProperty("java.home"), "bin", "java")));
        Files.setPosixFilePermissions(limited, PosixFilePermissions.fromString("rwx------"));
    }

    private static IsolatedOptions.Builder isolated(EngineOptions.Builder engine) {
        ModelOptions model = Card.options().memoryCheck(false).build();
        return IsolatedOptions.builder()
                .model(model)
                .engine(engine.build())
                .crashFolder(folder.resolve("crashes"))
                .crashLimit(1, Duration.ofMinutes(1));
    }

    /** With a cache for so many tokens, and nothing that would be measured at its start. */
    private static LlamaEngine start(long tokens) {
        EngineOptions.Builder engine = EngineOptions.builder()
                .sequences(1)
                .contextSize(Math.toIntExact(tokens))
                .batchSize(32)
                .context(context -> context.threads(1)
                        .flashAttention(FlashAttention.ENABLED)
                        .unifiedKvCache(true));
        IsolatedOptions.Builder options = isolated(engine);
        if (!Card.hasMemoryOfItsOwn()) {
            // Of the limit, a JVM would reserve a third for itself.
            options.workerLauncher(limited)
                    .workerJvmOptions(List.of("-XX:CompressedClassSpaceSize=64m", "-XX:ReservedCodeCacheSize=64m"));
        }
        return LlamaEngine.startIsolated(file, options.build());
    }

    private static void answer(LlamaEngine engine) {
        CompletionRequest request = CompletionRequest.builder(Walk.prompt(33, 3))
                .maxTokens(2)
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .build();
        try {
            CompletionResult result = engine.generate(request).result().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(result.tokens()).hasSize(2);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LlamaException failure) {
                throw failure;
            }
            throw new AssertionError("a generation failed in another way", e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("a generation came to no end", e);
        }
    }

    /** What a worker fails with that takes so many bytes for its cache; empty where it answers. */
    private static Optional<LlamaException> failure(long bytes) {
        try (LlamaEngine engine = start(bytes / BYTES_PER_TOKEN)) {
            answer(engine);
            return Optional.empty();
        } catch (LlamaException e) {
            return Optional.of(e);
        }
    }

    /** Bytes of cache that a worker could have if it had nothing else to take: measured beside one that is small. */
    private static long room() throws IOException {
        try (LlamaEngine engine = start(SMALL)) {
            answer(engine);
            long left = Card.hasMemoryOfItsOwn()
                    ? Card.first().getFirst().freeMemory()
                    : (LIMIT_KIB << 10) - addressSpaceOfTheWorker();
            return left + SMALL * BYTES_PER_TOKEN;
        }
    }

    private static long addressSpaceOfTheWorker() throws IOException {
        ProcessHandle worker = ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains("EngineWorker"))
                .findFirst()
                .orElseThrow();
        String line = Files.readAllLines(Path.of("/proc/%d/status".formatted(worker.pid()))).stream()
                .filter(each -> each.startsWith("VmSize:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void aWorkerThatTakesMoreThanTheCardHasHarmsNobodyElse() throws IOException {
        try (LlamaModel model = Card.load(TinyModel.path());
                LlamaEngine beside =
                        LlamaEngine.start(model, CardEngines.options(2).build())) {
            // A few, one after another, so that the answers are the same each time.
            List<Question> questions = CardEngines.questions(model).subList(0, 2);
            List<String> expected = answers(beside, questions);
            long before = Card.taken();
            long room = room();
            assertThat(room).isPositive();
            for (long left : LEFT) {
                tell("%d MiB of %d left free".formatted(left, room / MIB), failure(Math.max(room - left * MIB, MIB)));
            }
            Optional<LlamaException> twice = failure(2 * room);
            tell("twice of what there is", twice);
            assertThat(twice).isPresent();
            assertThat(twice.orElseThrow().getMessage()).isNotBlank();

            awaitTheCard(before);
            assertThat(answers(beside, questions)).isEqualTo(expected);
            try (LlamaEngine next = LlamaEngine.startIsolated(
                    TinyModel.path(), isolated(CardEngines.options(2)).build())) {
                assertThat(answers(next, questions)).isEqualTo(expected);
            }
        }
    }

    private static List<String> answers(LlamaEngine engine, List<Question> questions) {
        return questions.stream()
                .map(each -> CardEngines.result(
                                engine.generate(CardEngines.greedy(each).build()))
                        .text())
                .toList();
    }

    /** For the log: which of them it is depends on the card. */
    private static void tell(String what, Optional<LlamaException> failure) {
        System.out.printf(
                "%s: %s%n",
                what,
                failure.map(each -> each.getClass().getSimpleName() + ": "
                                + each.getMessage().lines().findFirst().orElse(""))
                        .orElse("answered"));
    }

    /** A driver may take a moment to notice that a process has ended. */
    private static void awaitTheCard(long before) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (Card.hasMemoryOfItsOwn() && Card.taken() - before > 64 * MIB) {
            assertThat(System.nanoTime() - end)
                    .as("the card's memory has not come back")
                    .isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
