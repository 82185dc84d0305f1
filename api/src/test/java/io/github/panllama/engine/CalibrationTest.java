package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import io.github.panllama.engine.EngineTuning.Source;
import io.github.panllama.engine.EngineTuning.Trial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {
    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static EngineTuning calibrate(int sequences, boolean mayBeSplit, Consumer<ContextOptions.Builder> context) {
        EngineOptions options =
                EngineOptions.builder().sequences(sequences).context(context).build();
        ContextOptions.Builder given = ContextOptions.builder();
        context.accept(given);
        return new Calibration(model, options, given.build(), mayBeSplit, Calibration.limit(false)).run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 32})
    void theFastestOfWhatWasMeasuredIsTaken(int sequences) {
        EngineTuning tuning = calibrate(sequences, true, context -> {});
        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(tuning.threads()).isBetween(1, processors);
        assertThat(tuning.batchThreads()).isBetween(1, processors);
        if (tuning.source() == Source.ASSUMED) {
            return; // the machine is so busy that there was no time for any
        }
        assertThat(tuning.source()).isEqualTo(Source.MEASURED);
        List<EngineTuning.Trial> ways = tuning.trials().stream()
                .filter(trial -> trial.sequences() == Math.min(sequences, 16))
                .toList();
        if (ways.isEmpty()) {
            return; // so busy that the model was taken for a slow one
        }
        EngineTuning.Trial fastest = ways.stream()
                .limit(sequences == 1 ? 2 : 3)
                .min(java.util.Comparator.comparingDouble(EngineTuning.Trial::microseconds))
                .orElseThrow();
        if (sequences == 1 || !fastest.unifiedKvCache()) {
            assertThat(tuning.flashAttention()).isEqualTo(fastest.flashAttention());
            assertThat(tuning.unifiedKvCache()).isEqualTo(fastest.unifiedKvCache());
        }
    }

    /** Of a model that takes more than a hundredth of the time for a token, one way alone is measured, or none. */
    @Test
    void allWaysAreMeasuredWhereThereIsTimeForThem() {
        EngineOptions options = EngineOptions.builder().sequences(2).build();
        ContextOptions given = ContextOptions.builder().threads(1).build();
        EngineTuning hasty = new Calibration(model, options, given, false, Duration.ofMillis(1)).run();
        assertThat(hasty.flashAttention()).isTrue();
        assertThat(hasty.trials()).noneMatch(trial -> !trial.flashAttention());
        EngineTuning patient = new Calibration(model, options, given, false, Duration.ofMinutes(1)).run();
        assertThat(patient.trials()).extracting(Trial::flashAttention).contains(true, false);
        assertThat(Calibration.limit(true)).isGreaterThan(Calibration.limit(false));
    }

    @Test
    void anotherDriverOrPluginIsMeasuredAnew() {
        ContextOptions given = ContextOptions.builder().build();
        TuningCache here = TuningCache.of(model, 4, given, true);
        TuningCache old = TuningCache.of(model, 4, given, true, "libggml-cuda.so 1, driver 580");
        TuningCache updated = TuningCache.of(model, 4, given, true, "libggml-cuda.so 1, driver 590");
        assertThat(here.file())
                .isEqualTo(TuningCache.of(model, 4, given, true).file())
                .isNotEqualTo(old.file());
        assertThat(old.file()).isNotEqualTo(updated.file());
    }

    @Test
    void whatIsGivenIsNotMeasured() {
        EngineTuning tuning = calibrate(
                4,
                true,
                context -> context.threads(1)
                        .flashAttention(FlashAttention.ENABLED)
                        .unifiedKvCache(true));
        assertThat(tuning).isEqualTo(new EngineTuning(1, 1, true, true, Source.GIVEN, List.of()));
        assertThat(calibrate(4, true, context -> context.unifiedKvCache(false)).unifiedKvCache())
                .isFalse();
        assertThat(calibrate(4, false, context -> {}).unifiedKvCache())
                .as("rooms would be too small")
                .isTrue();
        assertThat(calibrate(4, true, context -> context.kvCacheType(KvCacheType.Q8_0))
                        .flashAttention())
                .as("a quantised cache needs it")
                .isTrue();
    }

    @Test
    void aTuningIsRememberedAndWhatCannotBeReadIsMeasuredAgain(@TempDir Path folder) throws Exception {
        EngineTuning tuning = calibrate(4, true, context -> {});
        Path file = folder.resolve("a").resolve("tuning.properties");
        TuningCache cache = new TuningCache(file);
        assertThat(cache.read()).isEmpty();
        cache.write(tuning);
        assertThat(cache.read())
                .contains(new EngineTuning(
                        tuning.threads(),
                        tuning.batchThreads(),
                        tuning.flashAttention(),
                        tuning.unifiedKvCache(),
                        Source.REMEMBERED,
                        tuning.trials()));
        for (String bad : List.of("", "threads=0\nbatchThreads=1", "threads=1\nbatchThreads=x", "\\u12")) {
            Files.writeString(file, bad);
            assertThat(cache.read()).isEmpty();
        }
        cache.write(tuning);
        assertThat(cache.read()).as("what was bad is replaced").isPresent();
    }

    @Test
    void aTuningThatWasChangedOrCutShortIsMeasuredAgain(@TempDir Path folder) throws Exception {
        EngineTuning tuning =
                new EngineTuning(1, 1, true, true, Source.MEASURED, List.of(new Trial(1, true, true, 2, 3.5)));
        Path file = folder.resolve("tuning.properties");
        TuningCache cache = new TuningCache(file);
        cache.write(tuning);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String whole = Files.readString(file);
        int lines = 0;
        for (String line : whole.lines().filter(line -> !line.startsWith("#")).toList()) {
            Files.writeString(file, whole.replace(line + System.lineSeparator(), ""));
            assertThat(cache.read()).as("without %s", line).isEmpty();
            lines++;
        }
        assertThat(lines).isEqualTo(6);
        for (String bad : List.of(
                whole.replace("flashAttention=true", "flashAttention=false"),
                whole.replace("3.5", "4.5"),
                whole + "#" + "x".repeat(1 << 16))) {
            Files.writeString(file, bad);
            assertThat(cache.read()).isEmpty();
        }
        Files.writeString(file, whole);
        assertThat(cache.read()).isPresent();
    }

    @Test
    void aTuningIsReadThroughNoLinkAndKeptInAFolderOfTheUsersOwn(@TempDir Path folder) throws Exception {
        EngineTuning tuning = new EngineTuning(1, 1, true, true, Source.MEASURED, List.of());
        Path elsewhere = folder.resolve("elsewhere");
        new TuningCache(elsewhere).write(tuning);
        Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        assertThat(new TuningCache(link).read()).isEmpty();
        new TuningCache(folder.resolve("a/b/tuning")).write(tuning);
        for (Path made : List.of(folder.resolve("a"), folder.resolve("a/b"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
    }
}
