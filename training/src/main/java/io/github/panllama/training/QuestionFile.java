package io.github.panllama.training;

import io.github.panllama.training.corpus.ChatFormat;
import io.github.panllama.training.corpus.Conversation;
import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Message;
import io.github.panllama.training.corpus.Role;
import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.corpus.ToolCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Held-out conversations as questions for {@code panllama evaluate}: one JSON object a line. */
final class QuestionFile {
    private static final String TOOLS =
            "[{\"type\": \"function\", \"function\": {\"name\": \"calculator\", \"description\": "
                    + "\"Works out an arithmetic expression.\", \"parameters\": {\"type\": \"object\", \"properties\": "
                    + "{\"expression\": {\"type\": \"string\"}}, \"required\": [\"expression\"]}}}]";

    private QuestionFile() {}

    static void write(Path file, Corpus corpus, Set<Skill> skills, int questionsOfEach) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Skill skill : skills) {
            List<Conversation> conversations = corpus.heldOut(skill, questionsOfEach);
            for (int i = 0; i < conversations.size(); i++) {
                String name = skill.name().toLowerCase(Locale.ROOT);
                lines.add(line(name, name + "-" + (i + 1), conversations.get(i)));
            }
        }
        Files.write(file, lines);
    }

    private static String line(String skill, String id, Conversation conversation) {
        List<String> members = new ArrayList<>();
        members.add("\"id\": " + quoted(id));
        members.add("\"skill\": " + quoted(skill));
        List<String> messages = new ArrayList<>();
        if (conversation.system() != null) {
            messages.add("{\"role\": \"system\", \"content\": " + quoted(conversation.system()) + "}");
        }
        conversation.messages().forEach(message -> messages.add(message(message)));
        members.add("\"messages\": [" + String.join(", ", messages) + "]");
        if (conversation.tools()) {
            members.add("\"tools\": " + TOOLS);
        }
        members.add("\"thinking\": " + conversation.thinking());
        String answer = ChatFormat.answer(conversation);
        if (conversation.thinking()) {
            members.add("\"answer_after\": " + quoted(ChatFormat.THOUGHT));
            answer = answer.substring(answer.indexOf(ChatFormat.THOUGHT) + ChatFormat.THOUGHT.length());
        }
        members.add("\"answer\": " + quoted(answer.substring(0, answer.length() - ChatFormat.END.length())));
        return "{" + String.join(", ", members) + "}";
    }

    private static String message(Message message) {
        String role = message.role().name().toLowerCase(Locale.ROOT);
        String calls = message.role() != Role.ASSISTANT || message.toolCalls().isEmpty()
                ? ""
                : ", \"tool_calls\": ["
                        + message.toolCalls().stream().map(QuestionFile::call).collect(Collectors.joining(", ")) + "]";
        return "{\"role\": " + quoted(role) + ", \"content\": " + quoted(message.content()) + calls + "}";
    }

    private static String call(ToolCall call) {
        return "{\"type\": \"function\", \"function\": {\"name\": " + quoted(call.name()) + ", \"arguments\": "
                + quoted(call.arguments()) + "}}";
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> json.append('\\').append((char) c);
                case '\n' -> json.append("\\n");
                default -> {
                    if (c < ' ') {
                        json.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        json.append((char) c);
                    }
                }
            }
        });
        return json.append('"').toString();
    }
}
