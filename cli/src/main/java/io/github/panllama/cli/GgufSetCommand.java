package io.github.panllama.cli;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets a metadata value. */
@Command(
        name = "set",
        header = "Set a metadata value of a GGUF file.",
        description = {
            "A key that is there keeps its type and place. A new one needs --type: u8, i8, u16, i16, u32, i32, u64, i64,"
                    + " f32, f64, bool or string, with [] behind it for a list of the VALUEs that are given.",
            "Tensors are copied as they are. Nothing checks whether the value makes sense: a model can become unusable."
        },
        footer = {
            "Examples:",
            "  panllama gguf set m.gguf general.name \"My model\"",
            "  panllama gguf set m.gguf qwen2.context_length 65536 --output long.gguf",
            "  panllama gguf set m.gguf my.scale 0.5 --type f32",
            "  panllama gguf set m.gguf general.tags chat small --type 'string[]'"
        })
final class GgufSetCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A GGUF file.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Parameters(index = "1", paramLabel = "KEY", description = "The key, such as general.name.")
    @SuppressWarnings("NullAway.Init") // required
    private String key;

    @Parameters(index = "2..*", paramLabel = "VALUE", description = "The value; for a list, its elements.")
    private List<String> values = List.of();

    @Option(names = "--type", paramLabel = "T", description = "Its type (default: the one that it has).")
    private @Nullable String type;

    @Mixin
    private final EditTarget target = new EditTarget();

    GgufSetCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        GgufFile gguf = GgufFiles.read(file);
        GgufEditor editor = GgufEditor.of(gguf);
        UsageException.checking(
                () -> editor.set(key, value(gguf.metadata().find(key).orElse(null))));
        return target.write(editor, file);
    }

    private GgufValue value(@Nullable GgufValue before) {
        if (type != null && type.endsWith("[]")) {
            return GgufValue.parseAll(TypeNames.value(type.substring(0, type.length() - 2)), values);
        }
        if (type == null && before instanceof GgufValue.Array array && array.elementType() != GgufType.ARRAY) {
            return GgufValue.parseAll(array.elementType(), values);
        }
        if (type == null && before == null) {
            throw new UsageException("%s is a new key: say its --type, such as u32 or string".formatted(key));
        }
        if (values.size() != 1) {
            throw new UsageException("%s takes one VALUE, given are %d".formatted(key, values.size()));
        }
        return GgufValue.parse(
                type == null && before != null ? before.type() : TypeNames.value(String.valueOf(type)),
                values.getFirst());
    }
}
