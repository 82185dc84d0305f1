package io.github.panllama.guards;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The rows about models and states in files. */
final class FileRows {
    private static final int ON_DEVICE = 2;

    private FileRows() {}

    static void add(List<GuardRow> rows) {
        malformed(
                rows,
                "more active experts than experts",
                Architecture.QWEN3MOE,
                "qwen3moe.expert_used_count",
                100,
                GuardRows.ABORT);
        malformed(
                rows,
                "more layers than llama.cpp has room for",
                Architecture.LLAMA,
                "llama.block_count",
                100_000,
                GuardRows.ABORT);
        malformed(rows, "no heads", Architecture.LLAMA, "llama.attention.head_count", 0, "refused by C");
        mapped(rows);
        states(rows);
    }

    private static void malformed(
            List<GuardRow> rows, String name, Architecture architecture, String key, long value, String end) {
        rows.add(new GuardRow(
                "malformed GGUF: " + name,
                List.of(end),
                "",
                files -> RawC.decode(
                        RawC.context(files.with(architecture, key, GgufValue.uint32(value))), RawC.batch(1, 0, 1)),
                ModelLoadException.class,
                files -> LlamaModel.load(files.with(architecture, key, GgufValue.uint32(value)))
                        .close()));
    }

    private static void truncate(Path file, int percent) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() * percent / 100);
        }
    }

    private static void mapped(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "file truncated under mmap, which others may write",
                List.of("SIGBUS"),
                "",
                files -> {
                    Path file = files.copy();
                    MemorySegment context = RawC.context(file);
                    truncate(file, 1);
                    RawC.decode(context, RawC.batch(1, 0, 2));
                },
                null,
                files -> {
                    Path file = files.copy();
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
                    try (LlamaModel model = LlamaModel.load(file);
                            LlamaContext context = model.newContext(GuardRows.options())) {
                        truncate(file, 1);
                        GuardRows.decode(context, 1, 0, 2);
                    }
                }));
        rows.add(new GuardRow(
                "file truncated before it is loaded",
                List.of("refused by C"),
                "",
                files -> {
                    Path file = files.copy();
                    truncate(file, 90);
                    RawC.model(file);
                },
                ModelLoadException.class,
                files -> {
                    Path file = files.copy();
                    truncate(file, 90);
                    LlamaModel.load(file).close();
                }));
    }

    private static void states(List<GuardRow> rows) {
        byte[] foreign = new byte[4096];
        rows.add(new GuardRow(
                "foreign state",
                List.of(GuardRows.ABORT),
                "panllama: ",
                files -> {
                    MemorySegment bytes = Arena.global().allocate(foreign.length);
                    MemorySegment.copy(foreign, 0, bytes, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, foreign.length);
                    RawC.returned((long) RawC.call(
                            "llama_state_seq_set_data_ext",
                            JAVA_LONG,
                            RawC.context(files.model()),
                            bytes,
                            (long) foreign.length,
                            0,
                            ON_DEVICE));
                },
                InvalidStateException.class,
                files -> {
                    try (LlamaModel model = LlamaModel.load(files.model());
                            LlamaContext context = model.newContext(GuardRows.options())) {
                        context.state(0).restore(foreign);
                    }
                }));
    }
}
