package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.synthetic.Architecture;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManyThreadsTest {
    /** ggml would end the process over the first thread that does not start. */
    @Test
    void threadsThatTheSystemDoesNotStartAreAnException() throws Exception {
        String output = Fork.run(
                ManyThreads.class,
                List.of(),
                TestModels.file(Architecture.LLAMA).toString());
        assertThat(output)
                .contains("planned 256")
                .containsPattern("the system starts no more than [12] of 8 threads")
                .contains("computed 512");
    }
}
