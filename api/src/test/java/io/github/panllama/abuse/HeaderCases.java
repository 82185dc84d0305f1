package io.github.panllama.abuse;

import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files whose form is right and whose metadata or tensors are not. */
final class HeaderCases {
    private HeaderCases() {}

    static void register(AbuseCases cases) {
        cases.family("header");
        for (Architecture architecture : Architecture.values()) {
            String prefix = architecture.ggufName() + '.';
            for (String key : numbers(architecture)) {
                for (long value : new long[] {0, 1, 7, 0x7fff_ffffL, 0xffff_ffffL}) {
                    change(cases, architecture, prefix + key, value(value));
                }
                change(cases, architecture, prefix + key, value("text"));
                change(cases, architecture, prefix + key, GgufValue.int32s(1, 2));
                change(cases, architecture, prefix + key, null);
            }
        }
        common(cases);
        tokenizer(cases);
        tensors(cases);
    }

    private static List<String> numbers(Architecture architecture) {
        return switch (architecture) {
            case LLAMA ->
                List.of(
                        "block_count",
                        "embedding_length",
                        "attention.head_count",
                        "attention.head_count_kv",
                        "feed_forward_length",
                        "context_length",
                        "rope.dimension_count",
                        "vocab_size");
            case QWEN2 -> List.of("attention.head_count");
            case DEEPSEEK2 ->
                List.of(
                        "expert_count",
                        "expert_used_count",
                        "leading_dense_block_count",
                        "attention.kv_lora_rank",
                        "attention.q_lora_rank",
                        "attention.key_length",
                        "attention.value_length",
                        "attention.key_length_mla",
                        "attention.value_length_mla",
                        "expert_shared_count",
                        "expert_feed_forward_length",
                        "rope.dimension_count");
            case QWEN3MOE -> List.of("expert_count", "expert_used_count", "attention.key_length");
            case MAMBA2 ->
                List.of("ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.time_step_rank", "ssm.group_count");
            case NOMIC_BERT -> List.of("attention.head_count", "pooling_type", "attention.causal");
            case BERT -> List.of("attention.head_count", "context_length", "pooling_type");
        };
    }

    private static void common(AbuseCases cases) {
        for (String scaling : new String[] {"", "none", "yarn", "longrope", "nonsense"}) {
            change(cases, Architecture.LLAMA, "llama.rope.scaling.type", value(scaling));
        }
        for (float value : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            change(cases, Architecture.LLAMA, "llama.rope.freq_base", value(value));
            change(cases, Architecture.LLAMA, "llama.rope.scaling.factor", value(value));
            change(cases, Architecture.LLAMA, "llama.attention.layer_norm_rms_epsilon", value(value));
        }
        for (String architecture :
                new String[] {"", "nonsense", "qwen2", "mamba2", "deepseek2", "clip", "t5", "bert"}) {
            change(cases, Architecture.LLAMA, "general.architecture", value(architecture));
        }
        change(cases, Architecture.LLAMA, "general.architecture", null);
        change(cases, Architecture.LLAMA, "general.architecture", value(1));
        for (String key : new String[] {"general.name", "general.file_type", "tokenizer.chat_template"}) {
            change(cases, Architecture.LLAMA, key, value(true));
            change(cases, Architecture.LLAMA, key, GgufValue.int32s(1));
        }
        for (String key : new String[] {
            "expert_group_count",
            "expert_group_used_count",
            "nextn_predict_layers",
            "attention.sliding_window",
            "expert_used_count",
            "rope.scaling.original_context_length"
        }) {
            change(cases, Architecture.LLAMA, "llama." + key, value(3));
            change(cases, Architecture.LLAMA, "llama." + key, value(0xffff_ffffL));
        }
    }

    private static void tokenizer(AbuseCases cases) {
        String prefix = "tokenizer.ggml.";
        for (String model :
                new String[] {"", "none", "no_vocab", "llama", "bert", "t5", "rwkv", "plamo2", "nonsense"}) {
            change(cases, Architecture.LLAMA, prefix + "model", value(model));
        }
        for (String pre : new String[] {"", "default", "llama3", "gpt-4o", "tekken", "nonsense"}) {
            change(cases, Architecture.LLAMA, prefix + "pre", value(pre));
        }
        for (String key : new String[] {"model", "pre", "tokens", "token_type", "merges", "bos_token_id"}) {
            change(cases, Architecture.LLAMA, prefix + key, value(1));
            change(cases, Architecture.LLAMA, prefix + key, value(true));
            change(cases, Architecture.LLAMA, prefix + key, null);
        }
        change(cases, Architecture.LLAMA, prefix + "tokens", GgufValue.texts(List.of("a", "b", "c")));
        change(cases, Architecture.LLAMA, prefix + "tokens", GgufValue.int32s(1, 2, 3));
        change(cases, Architecture.LLAMA, prefix + "token_type", GgufValue.int32s(1));
        change(cases, Architecture.LLAMA, prefix + "token_type", GgufValue.int32s(new int[512]));
        change(cases, Architecture.LLAMA, prefix + "scores", GgufValue.int32s(1));
        change(cases, Architecture.LLAMA, prefix + "merges", GgufValue.texts(List.of()));
        change(cases, Architecture.LLAMA, prefix + "merges", GgufValue.texts(List.of("", " ", "a", "a b c", "zz qq")));
        for (String key :
                new String[] {"bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "fim_pre"}) {
            for (long value : new long[] {512, 0x7fff_ffffL, 0xffff_ffffL}) {
                change(cases, Architecture.LLAMA, prefix + key + "_token_id", value(value));
            }
        }
    }

    private static void tensors(AbuseCases cases) {
        for (String name : new String[] {
            "token_embd.weight", "output.weight", "output_norm.weight", "blk.0.attn_q.weight", "blk.0.attn_norm.weight"
        }) {
            cases.livesOr(
                    "tensor " + name + " missing",
                    fixture -> LoadOptionCases.use(LlamaModel.load(AbuseFiles.change(
                            fixture.file(),
                            fixture.newFile(),
                            Map.of(),
                            tensor -> !tensor.name().equals(name)))),
                    LlamaException.class);
            for (GgmlType type : new GgmlType[] {
                GgmlType.F16,
                GgmlType.BF16,
                GgmlType.F64,
                GgmlType.I8,
                GgmlType.I16,
                GgmlType.I32,
                GgmlType.I64,
                GgmlType.Q8_0,
                GgmlType.Q8_1,
                GgmlType.Q8_K,
                GgmlType.IQ4_NL
            }) {
                cases.livesOr(
                        "tensor %s of type %s".formatted(name, type),
                        fixture -> LoadOptionCases.use(LlamaModel.load(retype(fixture, name, type))),
                        LlamaException.class);
            }
        }
    }

    /** The model with one tensor of another type, all zeros. */
    private static Path retype(AbuseFixture fixture, String name, GgmlType type) throws Exception {
        GgufFile file = GgufFile.read(fixture.file());
        GgufWriter writer = new GgufWriter().putAll(file.metadata());
        for (GgufTensor tensor : file.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            if (tensor.name().equals(name) && shape[0] % type.blockSize() == 0) {
                byte[] zeros = new byte[Math.toIntExact(type.byteSize(tensor.elements()))];
                writer.tensor(name, type, TensorSource.of(zeros), shape);
            } else {
                writer.tensor(tensor.name(), tensor.type(), file.source(tensor), shape);
            }
        }
        Path changed = fixture.newFile();
        writer.write(changed);
        return changed;
    }

    private static GgufValue value(long value) {
        return new GgufValue.Whole(GgufType.UINT32, value);
    }

    private static GgufValue value(float value) {
        return new GgufValue.Real(GgufType.FLOAT32, value);
    }

    private static GgufValue value(boolean value) {
        return new GgufValue.Bool(value);
    }

    private static GgufValue value(String value) {
        return new GgufValue.Text(value);
    }

    private static void change(AbuseCases cases, Architecture architecture, String key, @Nullable GgufValue value) {
        Map<String, @Nullable GgufValue> changes = new HashMap<>();
        changes.put(key, value);
        String described = value instanceof GgufValue.Array array
                ? array.size() + " of " + array.elementType()
                : String.valueOf(value);
        cases.livesOr(
                "%s with %s = %s%s"
                        .formatted(
                                architecture.ggufName(),
                                key,
                                described,
                                value == null ? "" : " (" + value.type() + ')'),
                fixture -> LoadOptionCases.use(
                        LlamaModel.load(AbuseFiles.change(fixture.file(architecture), fixture.newFile(), changes))),
                LlamaException.class,
                IllegalArgumentException.class,
                UnsupportedOperationException.class);
    }
}
