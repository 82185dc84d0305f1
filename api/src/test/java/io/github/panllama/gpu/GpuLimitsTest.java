package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.InsufficientMemoryException;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than the card has. */
@OnCard
class GpuLimitsTest {
    /**
     * A cache of 256 KiB for each token, so that these are 2 TiB: more than any card has. A program says that it has 2
     * GiB, and holds no tensor of more than 128 MiB.
     */
    private static final int TOO_MANY = Card.KIND == Card.Kind.SOFTWARE ? 1 << 15 : 1 << 23;

    @TempDir
    private static Path folder;

    private static Path file;

    @BeforeAll
    static void write() throws IOException {
        file = WideModel.write(folder, TOO_MANY);
    }

    private static ContextOptions huge() {
        return Card.context(TOO_MANY)
                .kvCacheType(KvCacheType.F32)
                .flashAttention(FlashAttention.ENABLED)
                .build();
    }

    /** The CPU, where it stands in, is asked before there is a plan. */
    @Test
    void aContextThatTheCardCannotHoldIsRefused() {
        if (Card.isGpu()) {
            refusedByThePlan();
        } else {
            assertThatThrownBy(() -> MemoryPlan.of(file, Card.options().build(), huge()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("this machine has");
        }
        try (LlamaModel model = Card.load(file)) {
            assertThatThrownBy(() -> model.newContext(huge()))
                    .isInstanceOf(Card.isGpu() ? InsufficientMemoryException.class : IllegalArgumentException.class);
            assertThat(Walk.of(model, Card.context(256).build(), Walk.prompt(8, 1), 4)
                            .tokens())
                    .hasSize(4);
        }
    }

    private static void refusedByThePlan() {
        MemoryUse card = Card.use(MemoryPlan.of(file, Card.options().build(), huge()));
        assertThat(card.cache()).isGreaterThanOrEqualTo((256L << 10) * TOO_MANY);
        assertThat(card.fits()).isFalse();
        ModelOptions options = Card.options().roomFor(huge()).build();
        assertThatThrownBy(() -> LlamaModel.load(file, options))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining(card.device() + " needs ")
                .hasMessageContaining("are free");
    }
}
