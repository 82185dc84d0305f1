package io.github.panllama.engine;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** The reader of remembered tunings: fed with bytes as they are, and with the right checksum. */
public final class TuningTarget implements FuzzTarget {
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 512;

    @Override
    public void run(byte[] input) throws Exception {
        Input in = new Input(input);
        byte[] bytes = in.below(2) == 0 ? in.rest() : withChecksum(in.rest());
        Optional<EngineTuning> read =
                Allocation.atMost(BASE + (long) BYTES_PER_BYTE * bytes.length, () -> parse(bytes));
        if (read.isPresent()) {
            EngineTuning tuning = read.get();
            Expect.that(tuning.threads() > 0 && tuning.batchThreads() > 0, "somebody computes");
            Expect.equal(parse(TuningCache.format(tuning)), read, "what is written and read again");
        }
    }

    private static Optional<EngineTuning> parse(byte[] bytes) {
        try {
            return Optional.of(TuningCache.parse(bytes));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] withChecksum(byte[] bytes) throws IOException {
        Properties values = new Properties();
        try {
            values.load(new ByteArrayInputStream(bytes));
        } catch (IllegalArgumentException e) {
            return bytes;
        }
        String line = "\n%s=%s\n".formatted(TuningCache.CHECKSUM, TuningCache.checksum(values));
        return (new String(bytes, StandardCharsets.ISO_8859_1) + line).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        EngineTuning.Trial trial = new EngineTuning.Trial(1, true, false, 8, 12.5);
        EngineTuning tuning =
                new EngineTuning(1, 1, true, false, EngineTuning.Source.REMEMBERED, List.of(trial, trial));
        String text = "threads=1\nbatchThreads=1\nflashAttention=true\nunifiedKvCache=false\ntrials=1,true,false,8,1e3";
        return List.of(Input.with(0, TuningCache.format(tuning)), Input.with(1, text));
    }
}
