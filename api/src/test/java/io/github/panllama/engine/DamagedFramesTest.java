package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.TokenLogprob;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes over a worker's channel is cut and changed anywhere: it is refused by name, or is something that may be. */
class DamagedFramesTest {
    private static final int DAMAGES = 3_000;
    private static final int MOST_CHANGES = 4;
    private static final int[] EDGES = {0, 1, -1, 127, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 24, 1 << 28};

    /** Reads what one kind of frame holds. */
    interface Codec {
        Object read(FrameReader in) throws ProtocolException;
    }

    record Message(String name, Consumer<FrameWriter> fields, Codec codec) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Message> messages() {
        CompletionRequest request =
                WireTest.full(CompletionRequest.builder("täxt 😀")).build();
        EngineOptions options = EngineOptions.builder()
                .adapter("one", Path.of("one.gguf").toAbsolutePath())
                .draftModel(Path.of("draft.gguf").toAbsolutePath())
                .sessionFolder(Path.of("folder").toAbsolutePath())
                .build();
        TokenLogprob logprob = new TokenLogprob(5, -0.5, List.of(new TokenLogprob.Alternative(6, -2)));
        GenerationChunk chunk = new GenerationChunk("ä", OptionalInt.of(5), Optional.of(logprob));
        EngineModel model = new EngineModel(
                List.of(Path.of("m.gguf").toAbsolutePath()), "llama", "a model", "Q8_0", 1, 2, 512, 64, "fingerprint");
        Stream<Message> failures = WireTest.failures()
                .map(failure -> new Message(
                        failure.getClass().getSimpleName(),
                        out -> FailureCodec.write(failure, out),
                        FailureCodec::read));
        return Stream.concat(
                failures,
                Stream.of(
                        new Message("request", out -> RequestCodec.write(request, null, out), RequestCodec::read),
                        new Message(
                                "engine options",
                                out -> EngineOptionsCodec.write(options, out),
                                EngineOptionsCodec::read),
                        new Message("model", out -> StatsCodec.write(model, out), StatsCodec::readModel),
                        new Message("chunk", out -> ChunkCodec.write(chunk, out), ChunkCodec::read),
                        new Message("end", out -> ChunkCodec.write(WireTest.result(), out), ChunkCodec::readEnd),
                        new Message(
                                "conversation",
                                out -> SessionSync.write(new int[] {1, 2, 3}, new int[] {1, 4}, out),
                                SessionSync::read)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void damageIsRefused(Message message) throws ProtocolException {
        FrameWriter frame = new FrameWriter(2);
        message.fields().accept(frame);
        byte[] whole = frame.toBytes();
        byte[] fields = Arrays.copyOfRange(whole, Integer.BYTES + 1, whole.length);
        FrameReader sound = FrameReader.of(fields);
        message.codec().read(sound);
        sound.end();
        int refused = 0;
        for (int seed = 0; seed < DAMAGES; seed++) {
            byte[] damaged = damage(fields, new Random(seed));
            try {
                FrameReader in = FrameReader.of(damaged);
                message.codec().read(in);
                in.end();
            } catch (ProtocolException | IllegalArgumentException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed %d of %s".formatted(seed, message), e);
            }
        }
        assertThat(refused).isGreaterThan(DAMAGES / 4);
    }

    private static byte[] damage(byte[] fields, Random random) {
        byte[] damaged = fields.clone();
        for (int i = random.nextInt(MOST_CHANGES) + 1; i > 0 && damaged.length > 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(5)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt();
                case 2 -> damaged = Arrays.copyOf(damaged, at);
                case 3 -> damaged = Arrays.copyOf(damaged, damaged.length + 1 + random.nextInt(9));
                default -> {
                    if (at + Integer.BYTES <= damaged.length) {
                        ByteBuffer.wrap(damaged).putInt(at, EDGES[random.nextInt(EDGES.length)]);
                    }
                }
            }
        }
        return damaged;
    }
}
