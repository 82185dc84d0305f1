package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.internal.SystemMemory;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What cannot fit is refused before it is allocated, and what needs no memory of its own is not. */
class MemoryRefusalTest {
    @Test
    void aModelThatIsLargerThanTheMachineIsRefusedUnlessItIsMapped() throws IOException {
        SystemMemory memory = SystemMemory.now();
        Path file = SparseModel.write("huge.gguf", memory.total() + memory.swap() + (1L << 30));
        try {
            // Its feed-forward network is wider than the validator believes of any model.
            ModelOptions.Builder options = TestModels.cpu().trust(ModelTrust.TRUSTED);
            ModelOptions read = options.loadMode(LoadMode.READ).build();
            InsufficientMemoryException refused =
                    catchThrowableOfType(InsufficientMemoryException.class, () -> LlamaModel.load(file, read));
            assertThat(refused)
                    .hasMessageContaining("Cannot load huge.gguf: host needs ")
                    .hasMessageContaining("weights")
                    .hasMessageContaining("loadMode(MEMORY_MAPPED)");
            assertThat(refused.plan().orElseThrow().host().weights()).isGreaterThan(memory.total());
            assertThat(refused.plan().orElseThrow().fits()).isFalse();

            ModelOptions mapped = options.loadMode(LoadMode.MEMORY_MAPPED).build();
            MemoryCheck.model(ModelFiles.check(List.of(file), mapped), mapped, 0);

            ModelOptions chosen = options.loadMode(LoadMode.AUTO).build();
            MemoryCheck.model(ModelFiles.check(List.of(file), chosen), chosen, 0);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThatThrownBy(() -> LlamaModel.load(file, chosen))
                    .isInstanceOf(InsufficientMemoryException.class)
                    .hasMessageContaining(
                            "or loadMode(MEMORY_MAPPED) (loadMode AUTO reads it, because others may write");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aContextThatDoesNotFitIsRefused() {
        try (LlamaModel model = TestModels.llama()) {
            // Scores of attention: 4 bytes for each pair of a token in the batch and one in the cache, and each head.
            ContextOptions options = TestModels.context(1 << 20)
                    .batchSize(1 << 17)
                    .microBatchSize(1 << 17)
                    .flashAttention(FlashAttention.DISABLED)
                    .build();
            InsufficientMemoryException refused =
                    catchThrowableOfType(InsufficientMemoryException.class, () -> model.newContext(options));
            assertThat(refused)
                    .hasMessageContaining("Cannot make a context of 1048576 tokens")
                    .hasMessageContaining("microBatchSize");
            MemoryUse host = refused.plan().orElseThrow().host();
            assertThat(host.weights()).isZero();
            assertThat(host.compute()).isGreaterThan(4L << 37);
        }
    }

    /** Its scores of attention are half a TiB. */
    private static ContextOptions huge() {
        return ContextOptions.builder()
                .contextSize(1 << 20)
                .batchSize(1 << 17)
                .microBatchSize(1 << 17)
                .flashAttention(FlashAttention.DISABLED)
                .build();
    }

    @Test
    void roomForAContextIsAskedForBeforeTheModelIsLoaded() {
        ModelOptions options = TestModels.cpu().roomFor(huge()).build();
        assertThat(options.memoryCheck()).isTrue();
        assertThatThrownBy(() -> LlamaModel.load(TestModels.file(Architecture.LLAMA), options))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining("roomFor");
    }

    @Test
    void withoutTheCheckNothingIsRefusedForItsPlan() {
        ModelOptions options =
                TestModels.cpu().roomFor(huge()).memoryCheck(false).build();
        assertThat(options.memoryCheck()).isFalse();
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.LLAMA), options)) {
            assertThat(model.layers()).isPositive();
            try (LlamaContext context = model.newContext(huge())) {
                // A system that lends what it does not have.
                assertThat(context.contextSize()).isEqualTo(1 << 20);
            } catch (LlamaException e) {
                assertThat(e)
                        .isNotInstanceOf(InsufficientMemoryException.class)
                        .hasMessageStartingWith("Cannot make a context for ");
            }
        }
    }

    @Test
    void statesOfManySequencesAreReckonedWhereTheyWouldNotFit() {
        try (MemoryPlanner planner = MemoryPlanner.open(
                TestModels.file(Architecture.MAMBA2), TestModels.cpu().build())) {
            ContextOptions options =
                    TestModels.context(65_536).maxSequences(256).build();
            MemoryUse exact = planner.plan(options, 65_536).host();
            // More than a half of this would be taken for the plan.
            SystemMemory little = new SystemMemory(1L << 40, exact.cache(), 0);
            MemoryUse reckoned = planner.plan(options, 65_536, little).host();
            assertThat(reckoned.cache()).isCloseTo(exact.cache(), Percentage.withPercentage(5));
            assertThat(reckoned.compute()).isGreaterThanOrEqualTo(exact.compute());
            assertThat(reckoned.output()).isEqualTo(exact.output());
            assertThat(reckoned.free()).isEqualTo(exact.cache());
        }
    }
}
