package io.github.panllama.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.gguf.InvalidGgufException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Draft models that end a JVM without their rules, and do not where these hold. */
class DraftRulesNeededTest {
    @TempDir
    private Path folder;

    private DraftModelFile draft() throws Exception {
        return new DraftModelFile(folder);
    }

    private Path file() {
        return folder.resolve("draft.gguf");
    }

    private String plan(Path file) throws Exception {
        return ArchitectureRulesNeededTest.run(folder, TrustedPlan.class, file);
    }

    private void lives(DraftModelFile draft) throws Exception {
        Path file = draft.write(file());
        assertThat(plan(file)).contains(TrustedLoad.SURVIVED).doesNotContain("Exception");
        ModelOptions options = ModelOptions.builder().gpuLayers(0).build();
        try (LlamaModel model = LlamaModel.load(file, options)) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> model.newContext(ContextOptions.defaults()))
                    .withMessageContaining("of the architecture dflash, drafts for another model");
        }
    }

    private void ends(DraftModelFile draft, String key) throws Exception {
        Path file = draft.write(file());
        assertThat(plan(file)).doesNotContain(TrustedLoad.SURVIVED);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> LlamaModel.load(file))
                .havingCause()
                .isInstanceOfSatisfying(
                        InvalidGgufException.class,
                        cause -> assertThat(cause.key()).isEqualTo("dflash." + key));
    }

    @Test
    void blocksWhoseTokensFollowFromEachOther() throws Exception {
        lives(draft().pairs().key("block_size", 16));
        ends(draft().pairs(), "block_size");
        ends(draft().pairs().key("block_size", 0), "block_size");
        // 64 tokens in one micro-batch: the graph has room for fewer than a file may say.
        ends(draft().pairs().key("block_size", 1 << 20), "block_size");
    }

    @Test
    void blocksWithKernels() throws Exception {
        lives(draft().choice(9, 4).key("block_size", 16));
        ends(draft().choice(12, 4).key("block_size", 16), "conv_kernel_size");
    }
}
