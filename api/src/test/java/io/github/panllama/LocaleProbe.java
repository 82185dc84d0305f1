package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Does what numbers pass through as text on their way between C, Java and files, and says what came of it. */
final class LocaleProbe {
    private LocaleProbe() {}

    /** Argument: a folder to write to. Prints how this process writes one and a half, in C and in Java, then the report. */
    public static void main(String[] args) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment conventions = (MemorySegment)
                linker.downcallHandle(linker.defaultLookup().findOrThrow("localeconv"), FunctionDescriptor.of(ADDRESS))
                        .invokeExact();
        // The first field of struct lconv.
        String point = conventions
                .reinterpret(ADDRESS.byteSize())
                .get(ADDRESS, 0)
                .reinterpret(8)
                .getString(0);
        System.out.println("1%s5 %s".formatted(point, String.format(Locale.getDefault(), "%.1f", 1.5)));
        report(Path.of(args[0])).forEach(System.out::println);
    }

    static List<String> report(Path folder) throws IOException {
        List<String> report = new ArrayList<>();
        Path file = folder.resolve("m.gguf");
        SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.F32).write(file);
        Path quantised = folder.resolve("q.gguf");
        QuantizationPlan plan = Quantizer.quantize(file, quantised, QuantizationOptions.of(QuantizationType.Q4_0))
                .plan();
        String schema = "{\"type\": \"array\", \"minItems\": 3, \"maxItems\": 5,"
                + " \"items\": {\"type\": \"string\", \"minLength\": 2, \"maxLength\": 7}}";
        report.add("grammar " + JsonSchema.of(schema).grammar().replace('\n', ' '));
        report.add("quantised " + plan.tensors().size() + " tensors, " + Files.size(quantised) + " bytes");
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build())) {
            report.add("epsilon "
                    + model.metadata("llama.attention.layer_norm_rms_epsilon").orElseThrow());
            report.add("all metadata " + String.valueOf(model.metadata()).replace('\n', ' '));
            String template = "{{ messages[0].content }} {{ 0.5 + 0.25 }} {{ strftime_now('%B') }}";
            ChatTemplateOptions march = ChatTemplateOptions.builder()
                    .time(LocalDateTime.of(2025, 3, 9, 0, 0))
                    .build();
            report.add("template "
                    + ChatTemplate.of(model, template)
                            .render(List.of(ChatMessage.user("Hi")), march)
                            .text());
        }
        List<Path> parts = GgufSplit.split(GgufFile.read(file), folder.resolve("p"), GgufSplit.Limits.ofTensors(8));
        report.add("parts " + parts.stream().map(Path::getFileName).toList());
        LlamaModel.load(parts.getFirst(), TestModels.cpu().build()).close();
        report.add("heads " + wrongHeads(file, folder.resolve("heads.gguf")));
        return report;
    }

    /** Java, which has to find the tensors of the layers by their numbers, refuses this; C has no such check. */
    private static String wrongHeads(Path file, Path target) throws IOException {
        GgufEditor.of(GgufFile.read(file))
                .set("llama.attention.key_length", GgufValue.uint32(4))
                .set("llama.attention.value_length", GgufValue.uint32(4))
                .set("llama.rope.dimension_count", GgufValue.uint32(4))
                .write(target);
        try (LlamaModel model = LlamaModel.load(target, TestModels.cpu().build())) {
            return "loaded " + model;
        } catch (ModelLoadException e) {
            return String.valueOf(e.getMessage()).contains("tensor blk.0.attn_q.weight has") ? "refused" : e.toString();
        }
    }
}
