package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuPlan.Section;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import io.github.panllama.bench.gpu.GpuSetting.Variant;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuPlanTest {
    private static final List<Integer> ALL = List.of(1, 8, 9, 16, 32, 64, 128, 256);

    private static BenchModel model(String name, String type) {
        return new BenchModel(name, type, () -> Path.of(name));
    }

    private static List<GpuSetting> plan(List<BenchModel> models, Set<Section> sections, int copies) {
        return GpuPlan.of(models, ALL, List.of(128, 1024), 128, sections, copies);
    }

    private static List<GpuSetting> table(BenchModel... models) {
        return plan(List.of(models), EnumSet.of(Section.TABLE), 1);
    }

    @Test
    void whatTellsMostComesFirstOfEachModelWithAnAimInItsFirstType() {
        BenchModel other = model("lite", "Q4_K_M");
        BenchModel small = model("x-1.5b", "Q4_K_M");
        BenchModel large = model("x-7b", "Q4_K_M");
        List<GpuSetting> plan = table(other, small, large, model("x-7b", "Q8_0"));
        assertThat(plan).doesNotHaveDuplicates();
        assertThat(plan)
                .extracting(GpuSetting::model, GpuSetting::parallel, GpuSetting::prompt)
                .startsWith(
                        tuple("x-1.5b", 1, 128),
                        tuple("x-1.5b", 8, 128),
                        tuple("x-1.5b", 64, 128),
                        tuple("x-1.5b", 256, 128),
                        tuple("x-7b", 1, 128),
                        tuple("x-7b", 8, 128),
                        tuple("x-7b", 64, 128),
                        tuple("x-7b", 256, 128),
                        tuple("x-7b", 64, 1024));
        assertThat(plan.getLast().type()).isEqualTo("Q8_0");
    }

    @Test
    void everyNumberOfSequencesMeetsEveryPromptAndEveryModel() {
        List<BenchModel> models = List.of(model("a", "Q4_K_M"), model("b", "Q4_K_M"), model("a", "Q8_0"));
        List<GpuSetting> plan = plan(models, EnumSet.allOf(Section.class), 1);
        for (BenchModel model : models) {
            for (int parallel : ALL) {
                for (int prompt : List.of(128, 1024)) {
                    assertThat(plan).contains(GpuSetting.of(model, parallel, prompt, 128));
                }
            }
        }
    }

    @Test
    void aSmallerCacheStandsBesideTheUsualOneAndThereIsAServiceOf1024Tokens() {
        BenchModel model = model("a", "Q4_K_M");
        GpuSetting usual = GpuSetting.of(model, 64, 1024, 128);
        assertThat(table(model))
                .contains(
                        usual,
                        usual.withCache(KvCacheType.Q8_0),
                        GpuSetting.of(model, 64, 128, 128).withRoom(Room.DEFAULT),
                        GpuSetting.of(model, 32, 896, 128))
                .allMatch(GpuSetting::hasPeer);
    }

    @Test
    void choicesAreComparedWhereThereAreManySequencesAndStepsHoldAllOfThem() {
        List<GpuSetting> plan = plan(List.of(model("a-7b", "Q4_K_M")), EnumSet.of(Section.TUNING), 1);
        assertThat(plan)
                .filteredOn(setting -> setting.parallel() == 256)
                .extracting(GpuSetting::variant)
                .containsExactly(
                        Variant.NONE,
                        Variant.DEVICE_SAMPLING,
                        Variant.BATCH_256,
                        Variant.BATCH_512,
                        Variant.BATCH_1024,
                        Variant.BATCH_2048,
                        Variant.NO_CUDA_GRAPHS);
        assertThat(plan).extracting(GpuSetting::parallel).containsOnly(64, 256);
    }

    @Test
    void scalingGoesOverOneDeviceMoreEachTimeAndNeedsTwo() {
        List<BenchModel> models = List.of(model("a-7b", "Q4_K_M"));
        assertThat(plan(models, EnumSet.of(Section.SCALING), 3))
                .extracting(GpuSetting::copies)
                .containsExactly(1, 2, 3);
        assertThat(plan(models, EnumSet.of(Section.SCALING), 1)).isEmpty();
    }

    @Test
    void fewSettingsStayFew() {
        Set<Section> table = EnumSet.of(Section.TABLE);
        assertThat(GpuPlan.of(List.of(model("a", "Q8_0")), List.of(4, 1), List.of(16), 16, table, 1))
                .extracting(GpuSetting::parallel)
                .containsExactly(1, 4);
        assertThat(GpuPlan.of(List.of(), ALL, List.of(16), 16, table, 1)).isEmpty();
    }
}
