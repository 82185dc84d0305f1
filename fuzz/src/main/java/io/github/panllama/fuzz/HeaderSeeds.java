package io.github.panllama.fuzz;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Headers of GGUF files: of a small file with values of every type, and of a small model of every architecture. */
public final class HeaderSeeds {
    private HeaderSeeds() {}

    /** Inputs of {@link SparseFile#describedBy}. */
    public static List<byte[]> all() throws IOException {
        Path folder = Files.createTempDirectory("panllama-seeds");
        Path file = folder.resolve("seed-00001-of-00002.gguf");
        try {
            List<byte[]> seeds = new ArrayList<>();
            everyValue().write(file);
            seeds.add(header(file));
            part().write(file);
            seeds.add(header(file));
            for (Architecture architecture : Architecture.values()) {
                SyntheticModel.builder(architecture)
                        .vocabularySize(SyntheticVocabulary.MIN_SIZE)
                        .layers(1)
                        .weightType(GgmlType.Q8_0)
                        .write(file);
                seeds.add(header(file));
            }
            return seeds;
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static byte[] header(Path file) throws IOException {
        GgufFile read = GgufFile.read(file);
        byte[] head = Arrays.copyOf(Files.readAllBytes(file), Math.toIntExact(read.dataOffset()));
        return SparseFile.input(head);
    }

    private static GgufWriter everyValue() {
        GgufWriter writer = new GgufWriter()
                .put("u8", GgufValue.uint8(255))
                .put("i8", new GgufValue.Whole(GgufType.INT8, -128))
                .put("u16", new GgufValue.Whole(GgufType.UINT16, 65_535))
                .put("i16", new GgufValue.Whole(GgufType.INT16, -32_768))
                .put("u32", GgufValue.uint32(0xFFFF_FFFFL))
                .put("i32", GgufValue.int32(Integer.MIN_VALUE))
                .put("u64", GgufValue.uint64(-1))
                .put("i64", GgufValue.int64(Long.MIN_VALUE))
                .put("f32", GgufValue.float32(Float.NaN))
                .put("f64", GgufValue.float64(0.1))
                .put("yes", GgufValue.bool(true))
                .put("text", GgufValue.text("größer \uD834\uDD1E\0 end"))
                .put("[u8]", GgufValue.wholes(GgufType.UINT8, 0, 255))
                .put("[i16]", GgufValue.wholes(GgufType.INT16, -32_768, 32_767))
                .put("[i32]", GgufValue.int32s(-1, 0, 1))
                .put("[u64]", GgufValue.wholes(GgufType.UINT64, -1, 0))
                .put("[f32]", GgufValue.float32s(1.5f, -0f))
                .put("[f64]", GgufValue.float64s(Math.PI))
                .put("[bool]", GgufValue.wholes(GgufType.BOOL, 1, 0, 1))
                .put("[str]", GgufValue.texts(List.of("", "the", "日本")))
                .put("[]", GgufValue.texts(List.of()))
                .put("[[i32]]", GgufValue.arrays(List.of(GgufValue.int32s(1), GgufValue.texts(List.of("x")))))
                .put("general.alignment", 64);
        return writer.tensor("a", GgmlType.F32, (row, into) -> {}, 3, 5)
                .tensor("b", GgmlType.Q4_0, (row, into) -> {}, 64, 2)
                .tensor("c", GgmlType.F32, (row, into) -> {});
    }

    private static GgufWriter part() {
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("split.no", new GgufValue.Whole(GgufType.UINT16, 0))
                .put("split.count", new GgufValue.Whole(GgufType.UINT16, 2))
                .put("split.tensors.count", GgufValue.int32(1))
                .tensor("a", GgmlType.F32, (row, into) -> {}, 4);
    }
}
