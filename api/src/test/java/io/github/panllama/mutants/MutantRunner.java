package io.github.panllama.mutants;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.ModelTrust;
import io.github.panllama.synthetic.Architecture;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The main class of a JVM that loads mutants. Arguments: the folder of the whole models, the first seed, that after the
 * last, and {@code TRUSTED} to leave out the validator. Says which mutant it is at, and how it ended, a line each.
 */
final class MutantRunner {
    static final String START = "@@START ";
    static final String DONE = "@@DONE ";
    static final String END = "@@END";

    private static final int TOKENS = 4;
    private static final Architecture[] ARCHITECTURES = Architecture.values();

    private MutantRunner() {}

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path folder = Path.of(args[0]);
        ModelTrust trust = args.length > 3 ? ModelTrust.TRUSTED : ModelTrust.VALIDATED;
        Path file = folder.resolve(
                "mutant-%d.gguf".formatted(ProcessHandle.current().pid()));
        for (long seed = Long.parseLong(args[1]); seed < Long.parseLong(args[2]); seed++) {
            GgufMutator.Mutant mutant = mutant(folder, seed);
            Files.write(file, mutant.bytes().array());
            out.println(START + seed + ' ' + oneLine(describe(seed, mutant)));
            out.println(DONE + oneLine(outcome(file, trust)));
        }
        Files.deleteIfExists(file);
        out.println(END);
    }

    static GgufMutator.Mutant mutant(Path folder, long seed) throws IOException {
        Architecture architecture = architecture(seed);
        return GgufMutator.mutate(GgufParts.of(folder.resolve(architecture + ".gguf")), architecture.ggufName(), seed);
    }

    private static Architecture architecture(long seed) {
        return ARCHITECTURES[Math.floorMod(seed, ARCHITECTURES.length)];
    }

    private static String describe(long seed, GgufMutator.Mutant mutant) {
        return architecture(seed).ggufName() + ": " + mutant.description();
    }

    /** {@code refused}, {@code llama.cpp} that refused what Java let pass, {@code ran}, or what went wrong. */
    private static String outcome(Path file, ModelTrust trust) {
        ModelOptions options = ModelOptions.builder().gpuLayers(0).trust(trust).build();
        try (LlamaModel model = LlamaModel.load(file, options)) {
            use(model);
            return "ran";
        } catch (ModelLoadException e) {
            return e.nativeLog().isEmpty() ? "refused" : "llama.cpp";
        } catch (LlamaException | IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
            return "loaded, then " + e.getClass().getSimpleName();
        } catch (RuntimeException | Error e) {
            if (e instanceof IndexOutOfBoundsException && isChecked(e)) {
                return "loaded, then IndexOutOfBoundsException"; // a model of few positions
            }
            return "WRONG " + e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "");
        }
    }

    /** Whether it was thrown by what checks arguments. */
    private static boolean isChecked(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().equals(LlamaModel.class.getPackageName() + ".Check");
    }

    /** Encodes, decodes, and generates a few tokens. */
    static void use(LlamaModel model) {
        int[] prompt;
        try {
            prompt = model.tokenizer().encode("a text 123");
            model.tokenizer().decode(prompt);
        } catch (LlamaException | UnsupportedOperationException e) {
            prompt = new int[] {0};
        }
        boolean generates = model.isCausal();
        try (LlamaContext context = model.newContext(options());
                Batch batch = context.newBatch(prompt.length + 1)) {
            int position = 0;
            for (int token : prompt) {
                batch.add(token, position++, 0, true);
            }
            context.decode(batch);
            for (int i = 1; i < TOKENS && generates; i++) {
                float[] logits = context.logits(batch.size() - 1).toArray();
                batch.clear();
                batch.add(largest(logits), position++, 0, true);
                context.decode(batch);
            }
        }
    }

    private static ContextOptions options() {
        return ContextOptions.builder()
                .contextSize(256)
                .batchSize(64)
                .microBatchSize(64)
                .maxSequences(1)
                .threads(1)
                .build();
    }

    private static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\R", " / ").replace('\0', '?');
    }
}
