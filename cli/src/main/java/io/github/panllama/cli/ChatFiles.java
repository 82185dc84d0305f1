package io.github.panllama.cli;

import io.github.panllama.chat.ChatJson;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Files with messages and tools, whose faults are theirs. */
final class ChatFiles {
    private ChatFiles() {}

    static List<ChatMessage> messages(Path file) throws IOException {
        return read(file, ChatJson::messages);
    }

    static List<ChatTool> tools(Path file) throws IOException {
        return read(file, ChatJson::tools);
    }

    static String text(Path file) throws IOException {
        return Utf8.decode(Files.readAllBytes(file), file.toString());
    }

    /** What is made of a file's text; what is wrong with it names the file. */
    static <T> T read(Path file, Function<String, T> parse) throws IOException {
        String text = text(file);
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new FailureException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
