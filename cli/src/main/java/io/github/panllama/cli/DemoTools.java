package io.github.panllama.cli;

import io.github.panllama.chat.ChatJson;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.Tool;
import java.util.List;

/** The tools of {@code chat --tools demo}: a calculator, which the bundled model knows how to use. */
final class DemoTools {
    private static final ChatTool CALCULATOR = new ChatTool("calculator", "Works out an arithmetic expression.", """
            {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}""");

    private DemoTools() {}

    static List<Tool> all() {
        return List.of(Tool.of(CALCULATOR, arguments -> Calculator.evaluate(ChatJson.text(arguments, "expression"))));
    }
}
