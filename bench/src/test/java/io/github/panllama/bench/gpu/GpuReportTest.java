package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuReportTest {
    private static final BenchModel MODEL = new BenchModel("some", "Q8_0", () -> Path.of("x"));
    private static final GpuSetting ONE = GpuSetting.of(MODEL, 1, 16, 16);
    private static final GpuSetting EIGHT = GpuSetting.of(MODEL, 8, 16, 16);
    private static final Figures PART = new Figures(Map.of("decode_tokens_per_second", 12.5));

    @TempDir
    private Path folder;

    private GpuReport report;

    @BeforeEach
    void begin() throws IOException {
        report = report();
        report.begin();
    }

    private GpuReport report() throws IOException {
        return new GpuReport(folder, new GpuMachine(Map.of("cards", List.of("X")), OptionalDouble.empty(), true));
    }

    private String json() throws IOException {
        return Files.readString(folder.resolve("bench.json"));
    }

    @Test
    void itIsThereBeforeAnythingIsMeasured() throws IOException {
        assertThat(json()).contains("\"cards\": [\"X\"]", "\"runs\": []");
        assertThat(folder.resolve("bench.md")).isNotEmptyFile();
    }

    @Test
    void whatCannotBeWrittenForAWhileIsWrittenLater() throws IOException {
        report.put(report.run(ONE).withEngine(PART, null));
        String before = json();
        Path inTheWay = Files.createDirectory(folder.resolve("bench.json.part"));
        report.put(report.run(EIGHT).withEngine(PART, null));
        assertThat(json()).isEqualTo(before);
        assertThatIOException().isThrownBy(() -> report.end(List.of()));
        Files.delete(inTheWay);
        report.end(List.of());
        assertThat(json()).contains("\"parallel\": 1,", "\"parallel\": 8,");
    }

    @Test
    void whatARunHasOfASettingStaysWhereTheNextOneFails() throws IOException {
        report.put(report.run(ONE).withEngine(PART, "the engine: the time was over"));
        GpuReport next = report();
        next.resume();
        assertThat(next.run(ONE).lacksEngine()).isTrue();
        next.put(next.run(ONE).withEngine(null, "the engine: its process was ended by SIGABRT"));
        assertThat(json()).contains("\"decode_tokens_per_second\": 12.5", "SIGABRT");
    }
}
