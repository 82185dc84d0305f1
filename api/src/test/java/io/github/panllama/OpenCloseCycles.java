package io.github.panllama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens and closes a model and a context again and again, and prints how many kB of memory that cost for good. */
final class OpenCloseCycles {
    private OpenCloseCycles() {}

    /** Arguments: the model, cycles to warm up, cycles to measure. */
    public static void main(String[] args) throws IOException {
        Path model = Path.of(args[0]);
        cycle(model, Integer.parseInt(args[1]));
        long before = residentKilobytes();
        cycle(model, Integer.parseInt(args[2]));
        System.out.println("grown " + (residentKilobytes() - before));
    }

    private static void cycle(Path file, int times) {
        for (int i = 0; i < times; i++) {
            try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                    LlamaContext context =
                            model.newContext(TestModels.context(64).build());
                    Sampler sampler = Sampler.greedy(model)) {
                TestModels.evaluate(context, 0, 0, 1, 2, 3);
                sampler.sample(context, 2);
            }
        }
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(it -> it.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
}
