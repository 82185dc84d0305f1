package io.github.panllama.guards;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/**
 * The models that the rows use, each made when it is asked for.
 *
 * @param folder where they are
 */
record GuardFiles(Path folder) {
    Path model() throws IOException {
        return model(Architecture.LLAMA);
    }

    Path model(Architecture architecture) throws IOException {
        Path file = folder.resolve(architecture + ".gguf");
        if (!Files.exists(file)) {
            SyntheticModel.builder(architecture).contextLength(512).build().write(file);
        }
        return file;
    }

    /** A file of its own, which the caller may change. */
    Path copy() throws IOException {
        Path copy = Files.createTempFile(folder, "copy", ".gguf");
        return Files.copy(model(), copy, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A model with another value of one key. */
    Path with(Architecture architecture, String key, GgufValue value) throws IOException {
        Path file = Files.createTempFile(folder, "changed", ".gguf");
        GgufEditor.of(GgufFile.read(model(architecture))).set(key, value).write(file);
        return file;
    }

    /** A model whose positions have several parts, as those of pictures: its memory cannot move them. */
    Path withoutShift() throws IOException {
        GgufFile qwen2 = GgufFile.read(model(Architecture.QWEN2));
        GgufWriter writer = new GgufWriter();
        qwen2.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key.replaceFirst("^qwen2\\.", "qwen2vl."), value);
            }
        });
        writer.put("general.architecture", "qwen2vl");
        writer.put("qwen2vl.rope.dimension_sections", GgufValue.int32s(4, 4, 0, 0));
        return copyTensors(qwen2, writer, "");
    }

    /** A model that computes no numbers, for one of its weights is none. */
    Path withoutNumbers() throws IOException {
        GgufFile llama = GgufFile.read(model());
        GgufWriter writer = new GgufWriter();
        llama.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key, value);
            }
        });
        return copyTensors(llama, writer, "output_norm.weight");
    }

    private Path copyTensors(GgufFile from, GgufWriter writer, String broken) throws IOException {
        for (GgufTensor tensor : from.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            if (tensor.name().equals(broken)) {
                writer.tensor(tensor.name(), tensor.type(), (_, row) -> Arrays.fill(row, Float.NaN), shape);
            } else {
                writer.tensor(tensor.name(), tensor.type(), from.source(tensor), shape);
            }
        }
        Path file = Files.createTempFile(folder, "made", ".gguf");
        writer.write(file);
        return file;
    }
}
