package io.github.panllama.cli;

import io.github.panllama.chat.ChatPrompt;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A prompt as {@code template --json} prints it. */
final class TemplateJson {
    private TemplateJson() {}

    /** The object. Its fields are documented in the command's help and stay. */
    static Map<String, Object> of(ChatPrompt prompt) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("prompt", prompt.text());
        report.put("tokens", Arrays.stream(prompt.tokens()).boxed().toList());
        report.put("format", prompt.format());
        report.put("stops", prompt.stops());
        report.put("grammar", prompt.toolGrammar());
        return report;
    }
}
