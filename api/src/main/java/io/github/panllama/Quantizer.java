package io.github.panllama;

import io.github.panllama.gguf.DiskSpaceException;
import io.github.panllama.internal.PartFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Makes models smaller: stores their weights with fewer bits. ({@code llama_model_quantize})
 *
 * <p>The result is written under another name beside the target and renamed when it is whole, so that a target is there
 * in full or not at all; a target that was there is replaced. A failure leaves nothing behind; only a process that is
 * killed leaves a file whose name ends in {@code .part-} and some digits.
 *
 * <p><b>Threads.</b> Every call stands alone, and may run beside others.
 */
public final class Quantizer {
    private Quantizer() {}

    /**
     * Says what {@link #quantize} would do, and how large the result would be, from the headers alone. What tensors lack
     * importance is part of the answer; everything else that would be refused is refused here too.
     *
     * @param source a GGUF file; of a model in several files, the first, beside the others
     * @throws ModelLoadException if the source cannot be read or is malformed
     * @throws QuantizationException if it cannot be quantised so
     * @throws IOException if the importance matrix cannot be read
     */
    public static QuantizationPlan estimate(Path source, QuantizationOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        Natives.load();
        QuantizationSource model = QuantizationSource.read(source);
        try (Arena arena = Arena.ofConfined()) {
            ImportanceMatrix importance = importance(options, arena);
            return new QuantizationPlanner(model, options, importance)
                    .plan(new QuantizationCall(model, QuantizationParams.of(model, options, importance, arena), arena));
        }
    }

    /**
     * The files that {@link #quantize} would write: the target, or the parts that it stands for.
     *
     * @param source a GGUF file; of a model in several files, the first, beside the others
     * @param target what {@code quantize} would be given
     * @return the files, in order, there or not
     * @throws ModelLoadException if the source cannot be read or is malformed
     * @throws QuantizationException if the target is the source or the importance matrix
     * @throws IOException if the folder of the target is not there
     */
    public static List<Path> targets(Path source, Path target, QuantizationOptions options) throws IOException {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(options, "options");
        return QuantizationTarget.of(QuantizationSource.read(source), target, options)
                .names();
    }

    /**
     * Quantises a model.
     *
     * @param source a GGUF file; of a model in several files, the first, beside the others
     * @param target the file to write; with {@link QuantizationOptions.Builder#keepSplit} the name that the parts have
     *     in common, whose end {@code .gguf} becomes such as {@code -00001-of-00003.gguf}
     * @throws ModelLoadException if the source cannot be read or is malformed
     * @throws QuantizationException if it cannot be quantised so, or the target is the source or the importance matrix
     * @throws DiskSpaceException if there is not enough room for the result; nothing has been written then
     * @throws IOException if the result cannot be written, or the importance matrix cannot be read
     * @throws CancellationException if the progress listener ended the work
     */
    public static QuantizationResult quantize(Path source, Path target, QuantizationOptions options)
            throws IOException {
        long start = System.nanoTime();
        Objects.requireNonNull(options, "options");
        Natives.load();
        QuantizationSource model = QuantizationSource.read(source);
        QuantizationTarget files = QuantizationTarget.of(model, target, options);
        try (Arena arena = Arena.ofConfined()) {
            ImportanceMatrix importance = importance(options, arena);
            QuantizationCall call =
                    new QuantizationCall(model, QuantizationParams.of(model, options, importance, arena), arena);
            QuantizationPlan plan = new QuantizationPlanner(model, options, importance).plan(call);
            checkImportance(plan);
            long usable = PartFile.usableSpace(target);
            if (usable < plan.bytesAfter()) {
                throw new DiskSpaceException(target, plan.bytesAfter(), usable);
            }
            WeightScan.check(model, plan);
            write(call, files, plan, options.progress);
            return new QuantizationResult(files.names(), plan, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static void write(
            QuantizationCall call,
            QuantizationTarget target,
            QuantizationPlan plan,
            @Nullable ProgressListener listener)
            throws IOException {
        try (target) {
            target.create();
            QuantizationProgress progress = new QuantizationProgress(plan, listener);
            String failure = call.write(target.nativeName(), progress).orElse(null);
            if (progress.isCancelled()) {
                throw new CancellationException("Quantising was cancelled by its progress listener");
            }
            if (failure != null) {
                throw target.failure(failure, plan);
            }
            target.check(plan);
            progress.finish();
            target.publish();
        }
    }

    private static @Nullable ImportanceMatrix importance(QuantizationOptions options, Arena arena) throws IOException {
        return options.importanceMatrix == null ? null : ImportanceMatrix.read(options.importanceMatrix, arena);
    }

    private static void checkImportance(QuantizationPlan plan) {
        if (!plan.missingImportance().isEmpty()) {
            String tensor = plan.missingImportance().getFirst();
            throw new QuantizationException(
                    "%s needs an importance matrix for %s%s: without one the result would be useless. llama.cpp's imatrix"
                                    .formatted(
                                            plan.type(),
                                            tensor,
                                            plan.missingImportance().size() == 1
                                                    ? ""
                                                    : " and %d more tensors"
                                                            .formatted(plan.missingImportance()
                                                                            .size()
                                                                    - 1))
                            + " tool makes one; or choose a larger type",
                    tensor);
        }
    }
}
