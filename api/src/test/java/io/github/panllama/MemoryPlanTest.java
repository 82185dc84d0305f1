package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.bindings.NativeLog;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A plan is what llama.cpp then counts, for every architecture and setting, and nothing is allocated for it. */
class MemoryPlanTest {
    private static final Percentage CLOSE = Percentage.withPercentage(5);
    private static final Pattern OUTPUT = Pattern.compile("output buffer size = +([0-9.]+) MiB");
    private static final double MIB = 1 << 20;

    /** Settings that change what a context takes. */
    static Map<String, ContextOptions.Builder> settings() {
        return Map.ofEntries(
                Map.entry("smallest", TestModels.context(256)),
                Map.entry("default size", TestModels.context(4096)),
                Map.entry("long", TestModels.context(32768)),
                Map.entry("8 sequences", TestModels.context(4096).maxSequences(8)),
                Map.entry(
                        "8 sequences in one cache",
                        TestModels.context(4096).maxSequences(8).unifiedKvCache(true)),
                Map.entry("64 sequences", TestModels.context(16384).maxSequences(64)),
                Map.entry("F32 cache", TestModels.context(4096).kvCacheType(KvCacheType.F32)),
                Map.entry(
                        "BF16 cache",
                        TestModels.context(4096).kvCacheType(KvCacheType.BF16).flashAttention(FlashAttention.ENABLED)),
                Map.entry("small batch", TestModels.context(4096).batchSize(64)),
                Map.entry(
                        "large micro-batch",
                        TestModels.context(8192).batchSize(4096).microBatchSize(2048)),
                Map.entry("flash attention", TestModels.context(8192).flashAttention(FlashAttention.ENABLED)),
                Map.entry("no flash attention", TestModels.context(8192).flashAttention(FlashAttention.DISABLED)));
    }

    static Stream<Arguments> all() {
        return Stream.of(Architecture.values())
                .flatMap(architecture -> settings().entrySet().stream()
                        .map(setting -> Arguments.of(
                                architecture,
                                setting.getKey(),
                                setting.getValue().build())));
    }

    private static ModelOptions read() {
        return TestModels.cpu().loadMode(LoadMode.READ).build();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("all")
    void aPlanIsWhatIsThenCounted(Architecture architecture, String name, ContextOptions options) {
        MemoryPlan plan = MemoryPlan.of(TestModels.file(architecture), read(), options);
        try (LlamaModel model = LlamaModel.load(TestModels.file(architecture), read());
                NativeLog.Capture log = NativeLog.capture();
                LlamaContext context = model.newContext(options);
                Arena arena = Arena.ofConfined()) {
            List<PlannedMemory.Kind> kinds =
                    PlannedMemory.kinds(context.handle().pointer(), false, arena);
            PlannedMemory counted = new PlannedMemory(kinds, 0, 0);
            MemoryUse use = counted.ofHost(0, 0);
            assertThat(plan.devices()).hasSize(1);
            assertThat(plan.contextSize()).isGreaterThanOrEqualTo(256);
            assertThat(plan.host().weights()).isCloseTo(use.weights(), CLOSE);
            assertThat(plan.host().mappedWeights()).isZero();
            long cells = kinds.stream().anyMatch(kind -> kind.cache() > 0) ? 48L * context.contextSize() : 0;
            assertThat(plan.host().cache() - cells).isEqualTo(use.cache());
            // What the CPU takes beside is in the plan and not in what llama.cpp counts.
            assertThat(plan.host().compute()).isGreaterThanOrEqualTo(use.compute());
            assertThat(plan.host().output() / MIB).isCloseTo(output(log.lines()), within(0.006));
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("all")
    void buffersToComputeInAreAsPlanned(Architecture architecture, String name, ContextOptions options) {
        ModelOptions model = read();
        try (MemoryPlanner planner = MemoryPlanner.open(TestModels.file(architecture), model);
                LlamaModel real = LlamaModel.load(TestModels.file(architecture), model);
                LlamaContext context = real.newContext(options);
                Arena arena = Arena.ofConfined()) {
            long counted = new PlannedMemory(
                            PlannedMemory.kinds(context.handle().pointer(), false, arena), 0, 0)
                    .ofHost(0, 0)
                    .compute();
            assertThat(planner.buffers(options).ofHost(0, 0).compute()).isCloseTo(counted, CLOSE);
        }
    }

    /** The size of the outputs, as the log tells when a context is made; of several contexts, the last. */
    private static double output(List<String> lines) {
        double size = -1;
        for (String line : lines) {
            Matcher found = OUTPUT.matcher(line);
            size = found.find() ? Double.parseDouble(found.group(1)) : size;
        }
        return size;
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void mappedWeightsNeedNotFit(Architecture architecture) {
        ModelOptions mapped = TestModels.cpu().loadMode(LoadMode.MEMORY_MAPPED).build();
        MemoryUse use = MemoryPlan.of(TestModels.file(architecture), mapped, ContextOptions.defaults())
                .host();
        assertThat(use.mappedWeights()).isPositive().isLessThanOrEqualTo(use.weights());
        assertThat(use.needed()).isEqualTo(use.total() - use.mappedWeights());
    }

    @Test
    void aFileThatOthersMayWriteToIsPlannedAsItIsRead() throws IOException {
        Path file = TestModels.path("shared.gguf");
        Files.copy(TestModels.file(Architecture.LLAMA), file);
        ModelOptions options = TestModels.cpu().build();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        MemoryUse mapped =
                MemoryPlan.of(file, options, ContextOptions.defaults()).host();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        MemoryUse read = MemoryPlan.of(file, options, ContextOptions.defaults()).host();
        assertThat(mapped.mappedWeights()).isPositive();
        assertThat(read.mappedWeights()).isZero();
        assertThat(read.needed()).isEqualTo(mapped.needed() + mapped.mappedWeights());
    }

    @Test
    void severalContextsTakeTheirPartEach() {
        MemoryPlan one = MemoryPlan.of(TestModels.file(Architecture.LLAMA), read(), ContextOptions.defaults());
        MemoryPlan three = one.times(3);
        assertThat(three.total() - one.total())
                .isEqualTo(2 * (one.total() - one.host().weights()));
        assertThat(three.contexts()).isEqualTo(3);
        assertThatThrownBy(() -> three.times(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> one.times(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("contexts is 0, must be positive");
    }

    /** As llama.cpp counts what is spread: as the memory of a device that is none of the machine's. */
    @Test
    void whatIsSpreadOverDevicesTakesAPartOfEach() {
        PlannedMemory memory = new PlannedMemory(
                List.of(
                        new PlannedMemory.Kind(0, 10, 10, 1, 2),
                        new PlannedMemory.Kind(Long.MAX_VALUE, 400, 0, 80, 30)),
                0,
                0);
        MemoryUse use = memory.partOf(Device.all().getLast(), 0.25);
        assertThat(List.of(use.weights(), use.mappedWeights(), use.cache(), use.compute()))
                .containsExactly(100L, 0L, 20L, 30L);
    }

    @Test
    void aModelTellsHowItIsDivided() {
        ModelOptions options =
                TestModels.cpu().devices(List.of()).splitMode(SplitMode.ROW).build();
        assertThat(options.splitMode()).contains(SplitMode.ROW);
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.LLAMA), options);
                LlamaModel plain = TestModels.llama()) {
            assertThat(model.splitMode()).isEqualTo(SplitMode.ROW);
            assertThat(model.devices()).isEmpty();
            assertThat(plain.splitMode()).isEqualTo(SplitMode.LAYER);
            assertThat(plain.devices()).isEqualTo(Device.gpus());
        }
    }

    @Test
    void aDeviceIsTheSameWheneverItIsListed() {
        assertThat(Device.all()).isEqualTo(Device.all()).doesNotHaveDuplicates();
        assertThat(Device.all().getFirst()).hasSameHashCodeAs(Device.all().getFirst());
    }

    @Test
    void aPlanIsATable() {
        MemoryPlan plan = new MemoryPlan(
                List.of(
                        new MemoryUse("CUDA0", 3 << 20, 0, 2 << 20, 1 << 20, 0, 100 << 20),
                        new MemoryUse("host", 10 << 20, 10 << 20, 0, 1 << 19, 1 << 20, 1 << 20)),
                4096,
                -1,
                1);
        assertThat(plan.toString().lines())
                .containsExactly(
                        "MiB           weights   (mapped)      cache    compute     output       free",
                        "CUDA0             3.0        0.0        2.0        1.0        0.0      100.0",
                        "host             10.0       10.0        0.0        0.5        1.0        1.0");
        assertThat(plan.fits()).isFalse();
        assertThat(plan.host().needed()).isEqualTo(3 << 19);
    }

    @Test
    void theVocabularyAloneIsNotPlanned() {
        ModelOptions vocabulary = TestModels.cpu().vocabularyOnly(true).build();
        assertThatThrownBy(
                        () -> MemoryPlan.of(TestModels.file(Architecture.LLAMA), vocabulary, ContextOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vocabularyOnly");
    }
}
