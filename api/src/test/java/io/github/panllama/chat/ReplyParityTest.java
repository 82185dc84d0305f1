package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.NativeBuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replies in each format are taken apart as llama-server does it, whole and in pieces. */
class ReplyParityTest {
    private static final RecordedReplies RECORDED = RecordedReplies.read();

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = ChatModels.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static List<RawReply> replies() {
        return RawReply.all();
    }

    private static ChatPrompt prompt(RawReply reply) throws IOException {
        ChatTemplate template = ChatTemplate.of(model, NativeBuild.templates().resolve(reply.template()));
        return reply.request().render(template, ChatTemplateOptions.builder());
    }

    @Test
    void whatWasRecordedIsOfThisReleaseAndComplete() {
        assertThat(RECORDED.release()).isEqualTo(Llama.release());
        assertThat(RECORDED.replies().keySet())
                .containsExactlyElementsOf(
                        replies().stream().map(RawReply::name).toList());
        assertThat(replies().stream().map(RawReply::template).distinct()).hasSizeGreaterThanOrEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void aWholeReplyIsTheServers(RawReply reply) throws IOException {
        assertThat(prompt(reply).parse(reply.text()))
                .isEqualTo(RECORDED.replies().get(reply.name()));
    }

    @ParameterizedTest
    @MethodSource("replies")
    void aReplyInTwoPiecesIsTheServers(RawReply reply) throws IOException {
        ChatPrompt prompt = prompt(reply);
        ChatReply expected = RECORDED.replies().get(reply.name());
        String text = reply.text();
        for (int split = 0; split <= text.length(); split++) {
            if (split < text.length() && Character.isLowSurrogate(text.charAt(split))) {
                continue; // no stream of bytes is cut there
            }
            Shown shown = new Shown(prompt);
            shown.append(text.substring(0, split));
            shown.append(text.substring(split));
            assertThat(shown.finish())
                    .as(text.substring(0, split) + "⏐" + text.substring(split))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("replies")
    void aReplyByteByByteIsTheServers(RawReply reply) throws IOException {
        Shown shown = new Shown(prompt(reply));
        for (byte b : reply.text().getBytes(StandardCharsets.UTF_8)) {
            shown.append(Byte.toUnsignedInt(b)); // the vocabulary begins with the bytes
        }
        assertThat(shown.finish()).isEqualTo(RECORDED.replies().get(reply.name()));
    }

    /** What somebody has who puts together what a stream gives out. */
    private static final class Shown {
        private final ReplyStream stream;
        private final StringBuilder reasoning = new StringBuilder();
        private final StringBuilder content = new StringBuilder();
        private final List<ToolCall> calls = new ArrayList<>();

        Shown(ChatPrompt prompt) {
            stream = prompt.newReplyStream();
            if (prompt.isContinuation()) {
                reasoning.append(stream.reply().reasoning());
                content.append(stream.reply().content());
            }
        }

        void append(String text) {
            add(stream.append(text));
        }

        void append(int token) {
            add(stream.append(token));
        }

        ChatReply finish() {
            add(stream.finish());
            ChatReply shown = new ChatReply(content.toString(), reasoning.toString(), calls);
            assertThat(shown).isEqualTo(stream.reply());
            return shown;
        }

        private void add(ReplyStream.Delta delta) {
            reasoning.append(delta.reasoning());
            content.append(delta.content());
            for (ReplyStream.ToolCallDelta call : delta.toolCalls()) {
                if (call.index() == calls.size()) {
                    assertThat(call.name()).isNotEmpty();
                    calls.add(new ToolCall(call.id(), call.name(), call.arguments()));
                } else {
                    assertThat(call.index()).isEqualTo(calls.size() - 1);
                    ToolCall before = calls.removeLast();
                    assertThat(call.name()).isEmpty();
                    calls.add(new ToolCall(
                            before.id() + call.id(), before.name(), before.arguments() + call.arguments()));
                }
            }
        }
    }

    @Test
    void everyFormatOfReasoningAndCallsIsThere() {
        Map<String, ChatReply> replies = RECORDED.replies();
        assertThat(replies.values().stream().filter(reply -> !reply.reasoning().isEmpty()))
                .hasSizeGreaterThanOrEqualTo(10);
        assertThat(replies.values().stream().filter(reply -> !reply.toolCalls().isEmpty()))
                .hasSizeGreaterThanOrEqualTo(10);
    }
}
