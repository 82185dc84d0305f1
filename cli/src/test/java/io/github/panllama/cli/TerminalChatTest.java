package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.chat.ChatJson;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatRole;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code chat} before a person at a terminal. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "script is that of util-linux")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TerminalChatTest {
    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";
    private static final String UP = "\u001bOA";

    /** The prompt of a further line. */
    private static final String MORE = "… ";

    @TempDir
    private Path folder;

    private List<ChatMessage> saved(String name) throws Exception {
        return ChatJson.messages(Files.readString(folder.resolve(name)));
    }

    @Test
    void answersAreStreamedAndCtrlCStopsOneAndNotTheProgram() throws Exception {
        Path model = folder.resolve("endless.gguf");
        SyntheticModel.builder(Architecture.LLAMA).contextLength(1 << 18).write(model);
        try (PseudoTerminal terminal = PseudoTerminal.ofCommand(
                folder,
                "chat",
                "--model",
                model.toString(),
                "--context",
                "0",
                "--max-tokens",
                "1000000",
                "--temperature",
                "0",
                "--threads",
                "1")) {
            terminal.awaitPrompt();
            terminal.type("Hi\r");
            // The question itself is shown too; the model goes on as long as nobody stops it.
            terminal.await(shown -> shown.length() > 400, "an answer");
            terminal.type(CTRL_C);
            terminal.awaitPrompt();

            terminal.type("And now?\r");
            terminal.await(shown -> shown.length() > 400, "a second answer");
            terminal.type(CTRL_C);
            terminal.awaitPrompt();

            terminal.type(CTRL_C);
            terminal.await("/exit or Ctrl-D ends.");
            terminal.type("/stats\r");
            terminal.await("2 answers, 4 messages");
            terminal.await("context: room for");
            terminal.type("/save talk.json\r");
            terminal.await("4 messages saved.");
            terminal.type("/exit\r");
            assertThat(terminal.awaitEnd()).as(terminal.seen()).isZero();
        }
        List<ChatMessage> messages = saved("talk.json");
        assertThat(messages)
                .extracting(ChatMessage::role)
                .containsExactly(ChatRole.USER, ChatRole.ASSISTANT, ChatRole.USER, ChatRole.ASSISTANT);
        assertThat(messages.get(0).content()).isEqualTo("Hi");
        assertThat(messages.get(2).content()).isEqualTo("And now?");
        assertThat(messages.get(1).content()).hasSizeGreaterThan(50);
        assertThat(messages.get(3).content()).hasSizeGreaterThan(50);
    }

    @Test
    void questionsHaveSeveralLinesAndComeBackAtTheArrowKeys() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.ofCommand(folder, "chat")) {
            terminal.awaitPrompt();
            terminal.type("\"\"\"\r");
            terminal.await(MORE);
            terminal.type("What is 47 + 85?\r");
            terminal.await(MORE);
            terminal.type("\"\"\"\r");
            assertThat(terminal.awaitPrompt())
                    .contains("= 132")
                    .contains("\u001b[2m")
                    .contains("\u001b[0m");
            terminal.type("One \\\r");
            terminal.await(MORE);
            terminal.type("two\r");
            terminal.awaitPrompt();
            terminal.type("/save lines.json\r");
            assertThat(terminal.awaitPrompt()).contains("4 messages saved.");
            terminal.type("/clear\r");
            assertThat(terminal.awaitPrompt()).contains("begins anew");
            terminal.type("What is 90 - 31?\r");
            assertThat(terminal.awaitPrompt()).contains("= 59");
            terminal.type(UP + "\r");
            assertThat(terminal.awaitPrompt()).contains("= 59");
            terminal.type("/save again.json\r");
            assertThat(terminal.awaitPrompt()).contains("4 messages saved.");
            terminal.type("/load lines.json\r");
            assertThat(terminal.awaitPrompt()).contains("4 messages loaded.");
            terminal.type("/load nowhere.json\r");
            assertThat(terminal.awaitPrompt()).contains("no such file");
            terminal.type(CTRL_D);
            assertThat(terminal.awaitEnd()).as(terminal.seen()).isZero();
        }
        assertThat(saved("lines.json").get(0).content()).isEqualTo("What is 47 + 85?");
        assertThat(saved("lines.json").get(2).content()).isEqualTo("One \ntwo");
        assertThat(saved("again.json").get(2)).isEqualTo(saved("again.json").get(0));
    }
}
