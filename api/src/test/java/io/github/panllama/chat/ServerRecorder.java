package io.github.panllama.chat;

import io.github.panllama.Llama;
import io.github.panllama.chat.ChatRequests.ChatRequest;
import io.github.panllama.internal.JsonFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Asks llama-server for what the tests of templates and replies expect, and writes that down: {@code bench/run chat}. */
final class ServerRecorder {
    /** How templates write dates. */
    private static final List<String> DATES = List.of("uuuu-MM-dd", "dd MMM uuuu", "MMM dd uuuu", "MMMM dd, uuuu");

    private final Path program;
    private final Path templates;
    private final Path prompts;

    private final List<String> problems = new ArrayList<>();

    private ServerRecorder(Path program, Path templates, Path prompts) {
        this.program = program;
        this.templates = templates;
        this.prompts = prompts;
    }

    /** Arguments: llama-server, the folder of templates, the folder to write to, and one for the prompts themselves. */
    public static void main(String[] args) throws IOException {
        ServerRecorder recorder = new ServerRecorder(Path.of(args[0]), Path.of(args[1]), Path.of(args[3]));
        recorder.record(Path.of(args[2]));
    }

    private void record(Path folder) throws IOException {
        List<ChatRequest> conversations = ChatRequests.conversations();
        Map<String, List<String>> digests = new LinkedHashMap<>();
        Map<String, ChatReply> replies = new LinkedHashMap<>();
        List<RawReply> raw = RawReply.all();
        for (Path template : ChatTemplates.all(templates)) {
            String name = String.valueOf(template.getFileName());
            List<RawReply> own =
                    raw.stream().filter(reply -> reply.template().equals(name)).toList();
            Path model = Files.createTempFile("panllama-script", ".gguf");
            try {
                Map<String, Integer> firsts = ScriptModel.write(
                        model, own.stream().map(RawReply::text).distinct().toList());
                Optional<ServerProcess> started = ServerProcess.start(program, model, template);
                try (ServerProcess server = started.orElse(null)) {
                    digests.put(name, digests(server, name, conversations));
                    for (RawReply reply : own) {
                        reply(server, reply, firsts.get(reply.text()))
                                .ifPresent(parsed -> replies.put(reply.name(), parsed));
                    }
                }
            } finally {
                Files.delete(model);
            }
            System.out.println(name);
        }
        String release = Llama.release();
        List<String> names = conversations.stream().map(ChatRequest::name).toList();
        new RecordedPrompts(release, names, digests).write(folder.resolve(RecordedPrompts.FILE));
        Map<String, ChatReply> inOrder = new LinkedHashMap<>();
        raw.stream()
                .filter(reply -> replies.containsKey(reply.name()))
                .forEach(reply -> inOrder.put(reply.name(), replies.get(reply.name())));
        new RecordedReplies(release, inOrder).write(folder.resolve(RecordedReplies.FILE));
        if (!problems.isEmpty()) {
            throw new IOException(String.join("\n", problems));
        }
    }

    private List<String> digests(ServerProcess server, String template, List<ChatRequest> conversations)
            throws IOException {
        List<String> digests = new ArrayList<>();
        for (ChatRequest request : conversations) {
            Optional<String> prompt = server == null
                    ? Optional.empty()
                    : server.post("/apply-template", request.json())
                            .map(answer -> atFixedTime(answer.get("prompt").text("prompt")));
            digests.add(prompt.map(RecordedPrompts::digest).orElse(RecordedPrompts.REFUSED));
            Path file = prompts.resolve(template).resolve(request.name() + ".txt");
            Files.createDirectories(prompts.resolve(template));
            Files.writeString(file, prompt.orElse(RecordedPrompts.REFUSED));
        }
        return digests;
    }

    /** The server tells templates of today. */
    private static String atFixedTime(String prompt) {
        LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
        String fixed = prompt;
        for (String date : DATES) {
            DateTimeFormatter format = DateTimeFormatter.ofPattern(date, Locale.ENGLISH);
            fixed = fixed.replace(format.format(now), format.format(RecordedPrompts.TIME));
        }
        return fixed;
    }

    /** Empty where the server has not come to parse the text. */
    private Optional<ChatReply> reply(ServerProcess server, RawReply reply, int first) throws IOException {
        String body = "{\"temperature\": 0, \"verbose\": true, \"logit_bias\": [[%d, %d]], %s"
                .formatted(first, ScriptModel.BIAS, reply.request().json().substring(1));
        Optional<JsonFields> answered = server.post("/v1/chat/completions", body);
        if (answered.isEmpty()) {
            problems.add("REFUSED " + reply.name());
            return Optional.empty();
        }
        JsonFields answer = answered.get();
        String written =
                answer.get("__verbose").fields("__verbose").text("content").orElse("");
        if (!written.equals(reply.text())) {
            problems.add("%s: the model wrote%n%s%ninstead of%n%s".formatted(reply.name(), written, reply.text()));
            return Optional.empty();
        }
        JsonFields message = answer.get("choices")
                .list("choices")
                .getFirst()
                .fields("a choice")
                .get("message")
                .fields("the message");
        return Optional.of(new ChatReply(
                message.text("content").orElse(""),
                message.text("reasoning_content").orElse(""),
                message.find("tool_calls").map(calls -> calls.list("calls")).orElse(List.of()).stream()
                        .map(call -> call(call.fields("a call"), reply.text()))
                        .toList()));
    }

    /** Where the format has no ids the server makes some up. */
    private static ToolCall call(JsonFields call, String text) {
        JsonFields function = call.get("function").fields("a function");
        return new ToolCall(
                call.text("id").filter(text::contains).orElse(""),
                function.get("name").text("name"),
                function.get("arguments").text("arguments"));
    }
}
