package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors that llama.cpp cannot compute with, and parts that are not those of one model, are refused. */
class TensorRulesTest {
    @TempDir
    private Path folder;

    private GgufFile written(GgufWriter writer) throws IOException {
        Path file = folder.resolve("m.gguf");
        writer.write(file);
        return GgufFile.read(file);
    }

    private static void refused(List<GgufFile> parts, GgufValidator.Rules rules, String message) {
        assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> GgufValidator.of(parts, Map.of()).validate())
                .withMessageContaining(message);
        assertThat(GgufValidator.of(parts, Map.of()).findings().stream()
                        .filter(finding -> !finding.passed())
                        .map(GgufValidator.Finding::rules))
                .contains(rules);
    }

    private static void refused(GgufFile file, String message) {
        refused(List.of(file), GgufValidator.Rules.TENSORS, message);
    }

    private static GgufWriter writer() {
        return new GgufWriter().put("general.architecture", "llama");
    }

    @Test
    void typesThatNothingComputesWith() throws IOException {
        for (GgmlType type : new GgmlType[] {GgmlType.F64, GgmlType.I8, GgmlType.I32, GgmlType.Q8_1, GgmlType.Q8_K}) {
            GgufFile file =
                    written(writer().tensor("m", type, TensorSource.of(new byte[(int) type.byteSize(512)]), 256, 2));
            refused(file, "tensor m has the type " + type.ggmlName());
            assertThatExceptionOfType(InvalidGgufException.class)
                    .isThrownBy(() -> GgufValidator.of(file).validate())
                    .satisfies(e -> assertThat(e.byteOffset()).isEqualTo(file.tensorOffset("m")));
        }
        refused(
                written(writer().tensor("v", GgmlType.Q8_0, TensorSource.of(new byte[34]), 32)),
                "tensor v has the type q8_0");
    }

    /** Found by mutants: a table of token types in MXFP4, which is added. */
    @Test
    void typesThatAreNotAddedOrMultipliedNumberByNumber() throws IOException {
        for (String name : new String[] {
            "token_types.weight",
            "blk.0.ssm_a",
            "blk.1.ssm_conv1d.weight",
            "blk.2.attn_q_norm.weight",
            "blk.3.ffn_gate_exps.bias",
            "blk.4.shortconv.conv.weight",
            "blk.5.time_mix_lerp_fused.weight"
        }) {
            for (GgmlType type : new GgmlType[] {GgmlType.MXFP4, GgmlType.F16}) {
                byte[] bytes = new byte[(int) type.byteSize(64)];
                refused(written(writer().tensor(name, type, TensorSource.of(bytes), 32, 2)), "tensor " + name + " has");
            }
        }
        for (String name : new String[] {"token_embd.weight", "blk.0.ssm_in.weight", "blk.0.ffn_norm.weight.lora_a"}) {
            GgufFile file = written(writer().tensor(name, GgmlType.F16, TensorSource.of(new byte[128]), 32, 2));
            assertThat(GgufValidator.of(file).findings()).allMatch(GgufValidator.Finding::passed);
        }
    }

    @Test
    void tensorsWithoutNumbers() throws IOException {
        refused(written(writer().tensor("m", GgmlType.F32, TensorSource.of(new byte[0]), 8, 0)), "no numbers at all");
    }

    @Test
    void alignmentBelowThatOfTheMemoryThatWeightsAreMappedInto() throws IOException {
        refused(
                written(writer().put(GgufReader.ALIGNMENT_KEY, 8)
                        .tensor("m", GgmlType.F32, TensorSource.of(new byte[32]), 8)),
                "general.alignment is 8, must be at least 32");
    }

    @Test
    void moreTensorsOrKeysThanComparingAllNamesAllows() throws IOException {
        GgufWriter tensors = writer();
        TensorSource four = TensorSource.of(new byte[4]);
        IntStream.rangeClosed(0, 1 << 14).forEach(i -> tensors.tensor("t" + i, GgmlType.F32, four, 1));
        refused(written(tensors), "the file has 16385 tensors");
        GgufWriter keys = writer();
        IntStream.rangeClosed(0, 1 << 13).forEach(i -> keys.put("k" + i, i));
        refused(written(keys), "the file has 8194 keys");
    }

    @Test
    void adaptersHaveRulesOfTheirOwn() throws IOException {
        GgufWriter good = writer().put("general.type", "adapter").put("adapter.lora.alpha", 1f);
        assertThat(GgufValidator.of(written(good)).findings())
                .allMatch(GgufValidator.Finding::passed)
                .extracting(GgufValidator.Finding::rules)
                .contains(GgufValidator.Rules.ADAPTER)
                .doesNotContain(GgufValidator.Rules.LAYERS);
        refused(
                List.of(written(good.put("adapter.type", 7))),
                GgufValidator.Rules.ADAPTER,
                "adapter.type is 7 (UINT32), must be a STRING");
        GgufWriter stacked = writer().put("general.type", "adapter");
        stacked.tensor("m.lora_a", GgmlType.F32, TensorSource.of(new byte[32]), 2, 2, 2);
        GgufValidator.of(written(stacked)).validate();
        GgufWriter deeper = writer().put("general.type", "adapter");
        deeper.tensor("m.lora_a", GgmlType.F32, TensorSource.of(new byte[64]), 2, 2, 2, 2);
        refused(List.of(written(deeper)), GgufValidator.Rules.ADAPTER, "must have at most 3 dimensions");
    }

    @Test
    void partsAreThoseOfOneModelInTheirOrder() throws IOException {
        GgufFile whole = GgufFile.read(Damaged.whole(Architecture.LLAMA));
        Path target = folder.resolve("parts");
        List<Path> names = GgufSplit.split(whole, target, GgufSplit.Limits.ofTensors(10));
        assertThat(names).hasSizeGreaterThan(1);
        List<GgufFile> parts = new ArrayList<>();
        for (Path name : names) {
            parts.add(GgufFile.read(name));
        }
        GgufValidator.of(parts, Map.of()).validate();
        assertThat(GgufValidator.check(names.getFirst())).allMatch(GgufValidator.Finding::passed);
        GgufValidator.Rules rules = GgufValidator.Rules.PARTS;
        refused(List.of(parts.getFirst()), rules, "the model has %d files, given are 1".formatted(parts.size()));
        List<GgufFile> swapped = new ArrayList<>(parts);
        Collections.swap(swapped, 0, 1);
        refused(swapped, rules, "split.no of");
        part(parts, 1, "split.no", GgufValue.uint32(1), "must be 1 of type UINT16");
        part(parts, 1, "split.count", GgufValue.uint32(9), "is 9, must be");
        part(parts, 0, "split.tensors.count", GgufValue.int32(7), "split.tensors.count is 7, must be");
        Files.delete(names.get(1));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> GgufValidator.check(names.getFirst()));
    }

    private void part(List<GgufFile> parts, int index, String key, GgufValue value, String message) throws IOException {
        Path file = folder.resolve("changed.gguf");
        GgufEditor.of(parts.get(index)).set(key, value).write(file);
        List<GgufFile> changed = new ArrayList<>(parts);
        changed.set(index, GgufFile.read(file));
        refused(changed, GgufValidator.Rules.PARTS, message);
    }

    @Test
    void aTensorInTwoPartsIsRefused() throws IOException {
        List<GgufFile> parts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            GgufWriter writer = writer().put("split.no", new GgufValue.Whole(GgufType.UINT16, i))
                    .put("split.count", new GgufValue.Whole(GgufType.UINT16, 2))
                    .put("split.tensors.count", GgufValue.int32(2))
                    .tensor("m", GgmlType.F32, TensorSource.of(new byte[32]), 8);
            Path file = folder.resolve("part" + i);
            writer.write(file);
            parts.add(GgufFile.read(file));
        }
        refused(parts, GgufValidator.Rules.PARTS, "tensor m is in two parts");
    }
}
