package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Options arrive in another process as they were, every one of them. */
class OptionCodecsTest {
    private static FrameReader fields(FrameWriter frame) {
        byte[] bytes = frame.toBytes();
        return FrameReader.of(Arrays.copyOfRange(bytes, Integer.BYTES + 1, bytes.length));
    }

    @Test
    void everyModelOptionArrives() throws ProtocolException {
        ModelOptions options = ModelOptions.builder()
                .gpuLayers(3)
                .splitMode(SplitMode.NONE)
                .loadMode(LoadMode.READ)
                .mainDevice(0)
                .devices(List.of())
                .tensorSplit(3, 1)
                .placeTensors("a|b", Device.all().getFirst())
                .expertsOnCpu()
                .metadata("whole", 1L << 40)
                .metadata("real", 0.25)
                .metadata("truth", true)
                .metadata("text", "täxt")
                .activeExperts(2)
                .vocabularyOnly(true)
                .checkTensors(true)
                .repackWeights(false)
                .pinnedHostBuffers(true)
                .multiTokenPrediction(true)
                .lazyMode(LazyMode.OFF)
                .roomFor(ContextOptions.builder().contextSize(ContextSize.AUTO).build())
                .memoryCheck(false)
                .trust(ModelTrust.sha256("1".repeat(64), "f".repeat(64)))
                .build();
        FrameWriter out = new FrameWriter(2);
        ModelOptionsCodec codec = new ModelOptionsCodec();
        codec.write(options, out);
        FrameReader in = fields(out);
        ModelOptions read = codec.read(in).build();
        in.end();
        Fields.assertSame(options, read, Set.of("progress", "placements"));
        ModelOptions.TensorPlacement placement = read.placements.getFirst();
        assertThat(placement.pattern()).isEqualTo("a|b");
        assertThat(placement.device().name()).isEqualTo(Device.all().getFirst().name());
    }

    @Test
    void noModelOptionArrivesWhereNoneIsSet() throws ProtocolException {
        FrameWriter out = new FrameWriter(2);
        ModelOptionsCodec codec = new ModelOptionsCodec();
        codec.write(ModelOptions.defaults(), out);
        assertThat(codec.read(fields(out)).build()).usingRecursiveComparison().isEqualTo(ModelOptions.defaults());
    }

    @Test
    void whatIsToBeFoundOutIsFoundOutThere() throws ProtocolException {
        FrameWriter out = new FrameWriter(2);
        ModelOptionsCodec codec = new ModelOptionsCodec();
        codec.write(ModelOptions.builder().gpuLayers(GpuLayers.AUTO).build(), out);
        assertThat(codec.read(fields(out)).build().gpuLayers).isEqualTo(ModelOptions.FITTING_LAYERS);
    }

    @Test
    void trustArrives() throws ProtocolException {
        FrameWriter out = new FrameWriter(2);
        ModelOptionsCodec codec = new ModelOptionsCodec();
        codec.write(ModelOptions.builder().trust(ModelTrust.TRUSTED).build(), out);
        assertThat(codec.read(fields(out)).build().trust).isSameAs(ModelTrust.TRUSTED);
    }

    @Test
    void aProgressListenerIsRefused() {
        ModelOptions options = ModelOptions.builder().progress(_ -> true).build();
        assertThatThrownBy(() -> new ModelOptionsCodec().write(options, new FrameWriter(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("IsolatedOptions.Builder.progress");
    }

    @Test
    void everyContextOptionArrives() throws ProtocolException {
        ContextOptions options = ContextOptions.builder()
                .contextSize(512)
                .batchSize(64)
                .microBatchSize(32)
                .maxSequences(3)
                .recurrentSnapshots(1)
                .threads(1, 2)
                .flashAttention(FlashAttention.ENABLED)
                .kvCacheType(KvCacheType.Q8_0, KvCacheType.F32)
                .unifiedKvCache(true)
                .fullSlidingWindowCache(false)
                .offloadKvCache(true)
                .offloadOperations(false)
                .ropeScaling(RopeScaling.NONE)
                .ropeFrequencyBase(10_000)
                .ropeFrequencyScale(0.5f)
                .yarn(1, 2, 3, 4, 5)
                .pooling(PoolingType.MEAN)
                .attention(AttentionType.CAUSAL)
                .embeddings(true)
                .performanceCounters(true)
                .build();
        FrameWriter out = new FrameWriter(2);
        ContextOptionsCodec codec = new ContextOptionsCodec();
        codec.write(options, out);
        FrameReader in = fields(out);
        ContextOptions.Builder builder = ContextOptions.builder();
        codec.read(in).accept(builder);
        in.end();
        Fields.assertSame(options, builder.build(), Set.of());
    }
}
