package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuPlanTest {
    private static final List<Integer> ALL = List.of(1, 8, 9, 16, 32, 64, 128, 256);

    private static BenchModel model(String name, String type) {
        return new BenchModel(name, type, () -> Path.of(name));
    }

    @Test
    void whatTellsMostComesFirstOfEachModelInItsFirstType() {
        BenchModel large = model("x-7b", "Q4_K_M");
        BenchModel small = model("x-1.5b", "Q4_K_M");
        List<GpuSetting> plan = GpuPlan.of(List.of(large, model("x-7b", "Q8_0"), small), ALL, List.of(128, 1024), 128);
        assertThat(plan).doesNotHaveDuplicates();
        assertThat(plan.subList(0, 8))
                .extracting(GpuSetting::model, GpuSetting::parallel, GpuSetting::prompt)
                .startsWith(
                        tuple(large, 1, 128),
                        tuple(large, 8, 128),
                        tuple(large, 64, 128),
                        tuple(large, 256, 128),
                        tuple(small, 1, 128));
        assertThat(plan.getLast().model().type()).isEqualTo("Q8_0");
    }

    @Test
    void everyNumberOfSequencesMeetsEveryPromptAndEveryModel() {
        List<BenchModel> models = List.of(model("a", "Q4_K_M"), model("b", "Q4_K_M"), model("a", "Q8_0"));
        List<GpuSetting> plan = GpuPlan.of(models, ALL, List.of(128, 1024), 128);
        for (BenchModel model : models) {
            for (int parallel : ALL) {
                for (int prompt : List.of(128, 1024)) {
                    assertThat(plan)
                            .contains(new GpuSetting(model, parallel, prompt, 128, KvCacheType.F16, Room.SIZED));
                }
            }
        }
    }

    @Test
    void aSmallerCacheStandsBesideTheUsualOneAndThereIsAServiceOf1024Tokens() {
        BenchModel model = model("a", "Q4_K_M");
        List<GpuSetting> plan = GpuPlan.of(List.of(model), ALL, List.of(128, 1024), 128);
        assertThat(plan)
                .contains(
                        new GpuSetting(model, 64, 1024, 128, KvCacheType.Q8_0, Room.SIZED),
                        new GpuSetting(model, 64, 1024, 128, KvCacheType.F16, Room.SIZED),
                        new GpuSetting(model, 64, 128, 128, KvCacheType.F16, Room.DEFAULT),
                        new GpuSetting(model, 32, 896, 128, KvCacheType.F16, Room.SIZED));
    }

    @Test
    void fewSettingsStayFew() {
        assertThat(GpuPlan.of(List.of(model("a", "Q8_0")), List.of(4, 1), List.of(16), 16))
                .extracting(GpuSetting::parallel)
                .containsExactly(1, 4);
        assertThat(GpuPlan.of(List.of(), ALL, List.of(16), 16)).isEmpty();
    }
}
