package io.github.panllama.abuse;

import io.github.panllama.LlamaContext;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelLoadException;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Adapters of experts: llama.cpp does not compare how many matrices there are with how many experts. */
final class MixtureAdapterCases {
    private static final Architecture MIXTURE = Architecture.QWEN3MOE;

    private MixtureAdapterCases() {}

    static void register(AbuseCases cases) {
        cases.family("adapter of experts");
        for (String name : List.of("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps")) {
            cases.lives(name, f -> use(f, name, 0));
            for (int missing : new int[] {1, -1, Integer.MAX_VALUE}) {
                cases.rejects(
                        "%s but for %d".formatted(name, missing), ModelLoadException.class, f -> use(f, name, missing));
            }
        }
    }

    /** Loads an adapter with matrices for all but so many experts, at least one, and computes with it. */
    private static void use(AbuseFixture f, String name, int missing) throws Exception {
        String tensor = "blk.0." + name + ".weight";
        List<Long> base =
                GgufFile.read(f.file(MIXTURE)).tensor(tensor).orElseThrow().shape();
        long matrices = Math.max(1, base.get(2) - missing);
        Path file = f.newFile();
        new GgufWriter()
                .put("general.architecture", MIXTURE.ggufName())
                .put("general.type", "adapter")
                .put("adapter.type", "lora")
                .tensor(tensor + ".lora_a", GgmlType.F32, (_, row) -> Arrays.fill(row, 1), base.get(0), 4, matrices)
                .tensor(tensor + ".lora_b", GgmlType.F32, (_, row) -> Arrays.fill(row, 1), 4, base.get(1), matrices)
                .write(file);
        try (LoraAdapter adapter = LoraAdapter.load(f.model(MIXTURE), file);
                LlamaContext context = f.context(MIXTURE)) {
            context.setAdapters(Map.of(adapter, 1f));
            AbuseFixture.decode(context, 0, 0, 10);
        }
    }
}
