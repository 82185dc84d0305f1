package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ContextThreadsTest {
    private static final int[] PROMPT = TestModels.prompt(20, 3);

    @Test
    void anyNumberOfThreadsComputesTheSame() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext context = context(model, 1, 1)) {
            int[] expected = TestModels.greedy(context, 0, 0, PROMPT, 12);
            for (int[] threads : new int[][] {{2, 2}, {3, 2}, {1, 4}, {2, 1}, {1, 1}, {2, 3}}) {
                context.setThreads(threads[0], threads[1]);
                context.memory().clear();
                assertThat(TestModels.greedy(context, 0, 0, PROMPT, 12)).isEqualTo(expected);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void threadsStayFromStepToStepAndEndWithTheirContext() throws Exception {
        try (LlamaModel model = TestModels.llama()) {
            long before = threads();
            try (LlamaContext context = context(model, 4, 3)) {
                TestModels.evaluate(context, 0, 0, PROMPT);
                // The JVM may start or end one of its own meanwhile.
                assertThat(threads() - before).isBetween(3L, 7L);
                for (int i = 0; i < 20; i++) {
                    context.setThreads(1 + i % 2, 1 + i % 3);
                    TestModels.evaluate(context, 0, 20 + i, new int[] {1});
                }
                assertThat(threads() - before).isLessThan(10);
            }
            for (int i = 0; i < 5; i++) {
                try (LlamaContext context = context(model, 4, 3)) {
                    TestModels.evaluate(context, 0, 0, PROMPT);
                }
            }
            assertThat(threads() - before).isLessThan(3);
        }
    }

    private static LlamaContext context(LlamaModel model, int threads, int batchThreads) {
        return model.newContext(ContextOptions.builder()
                .contextSize(256)
                .threads(threads, batchThreads)
                .build());
    }

    private static long threads() throws Exception {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.count();
        }
    }
}
