package io.github.panllama.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What was found once, what goes far into the code, and what targets begin with: without Jazzer. */
class CasesTest {
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final int DAMAGED = 200;

    private static Path cases() throws Exception {
        return Path.of(CasesTest.class.getResource("/cases").toURI());
    }

    private static void run(String target, byte[] input) {
        Assertions.assertTimeout(LONGEST, () -> Targets.of(target).run(input));
    }

    /** Each file of {@code cases/TARGET} was a finding, or reached code that others do not. */
    @TestFactory
    List<DynamicTest> whatWasFoundOnceIsFoundNoMore() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(cases())) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String target = file.getParent().getFileName().toString();
                byte[] input = Files.readAllBytes(file);
                tests.add(DynamicTest.dynamicTest(target + ": " + file.getFileName(), () -> run(target, input)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    @TestFactory
    Stream<DynamicTest> seedsAndWhatIsNearThemAreNoFindings() {
        return Targets.names().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    FuzzTarget target = Targets.of(name);
                    SplittableRandom random = new SplittableRandom(name.hashCode());
                    List<byte[]> seeds = target.seeds();
                    for (byte[] seed : seeds) {
                        run(name, seed);
                        for (int i = 0; i < DAMAGED / seeds.size(); i++) {
                            run(name, damaged(seed, random));
                        }
                    }
                    run(name, new byte[0]);
                }));
    }

    private static byte[] damaged(byte[] seed, SplittableRandom random) {
        byte[] damaged = Arrays.copyOf(seed, random.nextInt(seed.length + 8));
        for (int i = random.nextInt(1, 6); i > 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return damaged;
    }

    @Test
    void theFirstByteChoosesATargetOfAll() throws Exception {
        FuzzTarget all = Targets.of(Targets.ALL);
        int seeds = 0;
        for (String name : Targets.names()) {
            seeds += Targets.of(name).seeds().size();
        }
        assertThat(all.seeds()).hasSize(seeds);
        for (byte[] seed : all.seeds()) {
            all.run(seed);
        }
        assertThatThrownBy(() -> Targets.of("none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("none", "gguf", "stop");
    }

    @Test
    void moreMemoryThanAnInputIsWorthIsAFinding() throws Exception {
        assertThat(Allocation.atMost(1 << 20, () -> new byte[1000])).hasSize(1000);
        assertThatThrownBy(() -> Allocation.atMost(1 << 20, () -> new byte[2 << 20]))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("at most 1048576 should be");
    }
}
