package io.github.panllama.gpu;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Where the tests of this package compute, as {@code -Dpanllama.gpu.tests} says. Only on {@link Kind#GPU} do they prove
 * everything; the other kinds show that the tests are right, on a machine without a GPU.
 */
final class Card {
    /** What the card is. */
    enum Kind {
        /** A GPU whose driver tells how much of its memory is free. */
        GPU,
        /**
         * A GPU that is a program, such as Mesa's llvmpipe: what lies there is apart from the CPU's memory for llama.cpp,
         * and takes this process's own. It tells no figures of memory, and lends what it does not have.
         */
        SOFTWARE,
        /** None: the CPU stands in for it. */
        CPU
    }

    static final Kind KIND =
            Kind.valueOf(System.getProperty("panllama.gpu.tests", "gpu").toUpperCase(Locale.ROOT));

    private Card() {}

    /** All GPUs, one at least; none where the CPU stands in. */
    static List<Device> all() {
        return KIND == Kind.CPU ? List.of() : Device.requireGpu();
    }

    /** The first GPU. */
    static List<Device> first() {
        return KIND == Kind.CPU ? List.of() : all().subList(0, 1);
    }

    /** The first GPU, the first two, and so on to all of them. */
    static List<List<Device>> groups() {
        return KIND == Kind.CPU
                ? List.of(List.of())
                : IntStream.rangeClosed(1, all().size())
                        .mapToObj(count -> all().subList(0, count))
                        .toList();
    }

    /** Whether there is a GPU at all. */
    static boolean isGpu() {
        return KIND != Kind.CPU;
    }

    /** Whether the figures of the GPU's memory are true ones, and what does not fit is refused by the driver. */
    static boolean hasMemoryOfItsOwn() {
        return KIND == Kind.GPU;
    }

    /** All layers on the card. */
    static ModelOptions.Builder options() {
        return ModelOptions.builder().gpuLayers(ModelOptions.ALL_LAYERS).devices(first());
    }

    /** All layers on the CPU. */
    static ModelOptions.Builder cpu() {
        return ModelOptions.builder().gpuLayers(0).devices(List.of());
    }

    /**
     * A small random model. Of experts all answer: which are chosen turns over at a near tie, and then the outputs are not
     * close any more.
     */
    static Path write(Path folder, Architecture architecture) throws IOException {
        Path file = folder.resolve(architecture.ggufName() + ".gguf");
        SyntheticModelBuilder model = SyntheticModel.builder(architecture);
        if (architecture == Architecture.DEEPSEEK2 || architecture == Architecture.QWEN3MOE) {
            model.experts(4).activeExperts(4);
        }
        model.write(file);
        return file;
    }

    static LlamaModel load(Path file) {
        return LlamaModel.load(file, options().build());
    }

    static LlamaModel loadOnCpu(Path file) {
        return LlamaModel.load(file, cpu().build());
    }

    /** A context whose results do not depend on what is measured at its start. */
    static ContextOptions.Builder context(int tokens) {
        return fixed(ContextOptions.builder().contextSize(tokens));
    }

    static ContextOptions.Builder fixed(ContextOptions.Builder context) {
        return context.threads(1).flashAttention(FlashAttention.DISABLED);
    }

    /** What a plan has on the card, or on the CPU that stands in. */
    static MemoryUse use(MemoryPlan plan) {
        return plan.devices().getFirst();
    }

    /** Bytes that are taken: of the first GPU, by anyone; of the system by this process where the GPU does not tell. */
    static long taken() {
        if (hasMemoryOfItsOwn()) {
            Device card = first().getFirst();
            return card.totalMemory() - card.freeMemory();
        }
        System.gc();
        return resident();
    }

    private static long resident() {
        try {
            String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(each -> each.startsWith("RssAnon:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
