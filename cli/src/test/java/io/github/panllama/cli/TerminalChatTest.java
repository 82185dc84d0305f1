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
            terminal.await("> ");
            terminal.type("Hi\r");
            // The question itself is shown too; the model goes on as long as nobody stops it.
            terminal.await(shown -> shown.length() > 200, "an answer");
            terminal.type(CTRL_C);
            terminal.await("> ");

            terminal.type("And now?\r");
            terminal.await(shown -> shown.length() > 200, "a second answer");
            terminal.type(CTRL_C);
            terminal.await("> ");

            terminal.type(CTRL_C);
            terminal.await("/exit or Ctrl-D ends.");
            terminal.type("/stats\r");
            assertThat(terminal.await("context: room for")).contains("2 answers, 4 messages");
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
            terminal.await("> ");
            terminal.type("\"\"\"\r");
            terminal.await("… ");
            terminal.type("What is 47 + 85?\r");
            terminal.await("… ");
            terminal.type("\"\"\"\r");
            String answer = terminal.await("132");
            assertThat(answer).as("reasoning is dimmed").contains("\u001b[2m").contains("\u001b[0m");
            terminal.await("> ");
            terminal.type("One \\\r");
            terminal.await("… ");
            terminal.type("two\r");
            terminal.await("> ");
            terminal.type("/save lines.json\r");
            terminal.await("4 messages saved.");
            terminal.type("/clear\r");
            terminal.await("begins anew");
            terminal.type("What is 90 - 31?\r");
            terminal.await("59");
            terminal.await("> ");
            terminal.type(UP + "\r");
            terminal.await("59");
            terminal.await("> ");
            terminal.type("/save again.json\r");
            terminal.await("4 messages saved.");
            terminal.type("/load lines.json\r");
            terminal.await("4 messages loaded.");
            terminal.type(CTRL_D);
            assertThat(terminal.awaitEnd()).as(terminal.seen()).isZero();
        }
        assertThat(saved("lines.json").get(0).content()).isEqualTo("What is 47 + 85?");
        assertThat(saved("lines.json").get(2).content()).isEqualTo("One \ntwo");
        assertThat(saved("again.json").get(2)).isEqualTo(saved("again.json").get(0));
    }
}
