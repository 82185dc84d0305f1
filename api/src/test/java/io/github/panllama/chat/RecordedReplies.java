package io.github.panllama.chat;

import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How llama-server took the raw replies apart, by their names.
 *
 * @param release of llama.cpp
 */
record RecordedReplies(String release, Map<String, ChatReply> replies) {
    static final String FILE = "replies.json";

    static RecordedReplies read() {
        JsonFields file = JsonParser.parse(ChatRequests.resource(FILE)).fields("the file");
        Map<String, ChatReply> replies = new LinkedHashMap<>();
        for (var node : file.get("replies").list("replies")) {
            JsonFields row = node.fields("a reply");
            List<ToolCall> calls = row.get("calls").list("calls").stream()
                    .map(call -> call.fields("a call"))
                    .map(call -> new ToolCall(
                            call.text("id").orElse(""),
                            call.get("name").text("name"),
                            call.get("arguments").text("arguments")))
                    .toList();
            replies.put(
                    row.get("name").text("name"),
                    new ChatReply(
                            row.text("content").orElse(""),
                            row.text("reasoning").orElse(""),
                            calls));
        }
        return new RecordedReplies(file.get("release").text("release"), replies);
    }

    /** Writes the file. */
    void write(Path file) throws IOException {
        String rows = replies.entrySet().stream()
                .map(row -> "{\"name\": %s, \"reasoning\": %s, \"content\": %s, \"calls\": [%s]}"
                        .formatted(
                                json(row.getKey()),
                                json(row.getValue().reasoning()),
                                json(row.getValue().content()),
                                row.getValue().toolCalls().stream()
                                        .map(call -> "{\"id\": %s, \"name\": %s, \"arguments\": %s}"
                                                .formatted(json(call.id()), json(call.name()), json(call.arguments())))
                                        .collect(Collectors.joining(", "))))
                .collect(Collectors.joining(",\n"));
        Files.writeString(file, "{\"release\": %s, \"replies\": [\n%s\n]}\n".formatted(json(release), rows));
    }

    static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars()
                .forEach(c -> json.append(
                        switch (c) {
                            case '"' -> "\\\"";
                            case '\\' -> "\\\\";
                            case '\n' -> "\\n";
                            default -> c < ' ' ? "\\u%04x".formatted(c) : String.valueOf((char) c);
                        }));
        return json.append('"').toString();
    }
}
