package io.github.panllama.chat;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.Pointers;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What the calls of the shim's chat functions share. */
final class ChatNatives {
    private ChatNatives() {}

    /**
     * Calls a function that makes an object, which lives in {@code arena} and is freed with it.
     *
     * @param failure makes an exception of the reason when the function refuses
     */
    static MemorySegment create(
            Arena arena,
            ToIntFunction<MemorySegment> make,
            Consumer<MemorySegment> free,
            Function<String, RuntimeException> failure) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ADDRESS);
            if (make.applyAsInt(out) != LlamaC.PANLLAMA_OK()) {
                throw failure(failure);
            }
            return Pointers.adopt(out.get(ADDRESS, 0), arena, free);
        }
    }

    /** The exception for what this thread's last call was refused for. */
    static RuntimeException failure(Function<String, RuntimeException> make) {
        String reason = Pointers.string(LlamaC.panllama_last_error());
        return make.apply(reason == null ? "" : reason);
    }

    /** A function that gives out a text and writes how long it is. */
    interface TextGetter {
        MemorySegment get(MemorySegment object, int kind, long index, MemorySegment length);
    }

    /** The text, or {@code null} where there is none. */
    static @Nullable String text(TextGetter getter, MemorySegment object, int kind, int index) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment length = call.allocate(JAVA_LONG);
            MemorySegment text = getter.get(object, kind, index, length);
            if (Pointers.isNull(text)) {
                return null;
            }
            long bytes = length.get(JAVA_LONG, 0);
            return bytes == 0 ? "" : new String(Pointers.view(text, bytes).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /** All texts of a kind. */
    static List<String> texts(TextGetter getter, MemorySegment object, int kind) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; ; i++) {
            String text = text(getter, object, kind, i);
            if (text == null) {
                return List.copyOf(texts);
            }
            texts.add(text);
        }
    }

    /** The text as C gets it, in UTF-8 without an end. A lone surrogate becomes {@code ?}. */
    static MemorySegment utf8(Arena arena, String text) {
        return arena.allocateFrom(JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }
}
