package com.example.quickstart;

import io.github.panllama.SamplingOptions;
import io.github.panllama.TokenLogprob;
import io.github.panllama.chat.*;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The Java snippets of docs/chat.md about {@link LlamaChat}: see {@link Snippets}. */
final class ChatSnippets {
    private ChatSnippets() {}

    static void talk(LlamaEngine engine) {
        try (LlamaChat chat = LlamaChat.builder(engine)
                .system("Answer in one sentence.")
                .options(options -> options.maxTokens(500))
                .build()) {
            for (ChatEvent event : chat.send("What is 47 + 85?")) {
                if (event instanceof ChatEvent.Content(String text)) {
                    System.out.print(text);
                }
            }
            System.out.println(chat.send("And plus 100?").text());
        }
    }

    static ChatResult events(LlamaChat chat) {
        ChatTurn turn = chat.send("What is 47 + 85?");
        for (ChatEvent event : turn) {
            switch (event) {
                case ChatEvent.Reasoning(String text) -> System.err.print(text);
                case ChatEvent.Content(String text) -> System.out.print(text);
                case ChatEvent.ToolCalled called -> System.err.println(called.call().name());
                default -> {}
            }
        }
        ChatResult result = turn.await();
        System.out.println(result.finish() + ", " + result.usage() + ", " + result.timings().tokensPerSecond());
        return result;
    }

    static ChatOptions options() {
        ChatOptions options = ChatOptions.builder()
                .reasoning(Reasoning.limited(500))
                .sampling(SamplingOptions.greedy())
                .maxTokens(2000)
                .timeout(Duration.ofMinutes(1))
                .historyPolicy(HistoryPolicy.DROP_OLDEST)
                .build();
        return options;
    }

    static List<TokenLogprob> request(LlamaChat chat) {
        ChatOptions options = ChatOptions.builder()
                .maxTokens(100)
                .request(request -> request.stop("\n\n").logprobs(5))
                .build();
        ChatResult result = chat.send("What is 47 + 85?", options).await();
        List<TokenLogprob> logprobs = result.logprobs();
        return logprobs;
    }

    static void anotherWay(LlamaChat chat) {
        chat.regenerate().await();
        chat.edit(0, ChatMessage.user("What is 47 + 86?")).await();
        chat.rewind(0);
        ChatOptions quick = chat.options().toBuilder().reasoning(Reasoning.off()).build();
        chat.send("What is 47 + 85?", quick).await();
    }

    static LlamaChat saveAndLoad(LlamaEngine engine, LlamaChat chat, Path file) throws IOException {
        Files.writeString(file, ChatJson.write(chat.messages()));
        List<ChatMessage> messages = ChatJson.messages(Files.readString(file));
        return LlamaChat.builder(engine).messages(messages).build();
    }

    static ChatResult tools(LlamaEngine engine) {
        Tool clock = Tool.of(
                new ChatTool("clock", "Tells the time of a zone.", """
                        {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}"""),
                arguments -> java.time.ZonedDateTime.now(java.time.ZoneId.of(ChatJson.text(arguments, "zone"))).toString());
        ChatOptions options = ChatOptions.builder()
                .tools(List.of(clock))
                .runTools(8, Duration.ofMinutes(2))
                .build();
        try (LlamaChat chat = LlamaChat.builder(engine).options(options).build()) {
            return chat.send("What time is it in Paris?").await();
        }
    }

    static ChatResult ownTools(LlamaChat chat, ChatTool tool) {
        ChatOptions options = ChatOptions.builder().declaredTools(List.of(tool)).build();
        ChatResult result = chat.send("What is 23 * 47?", options).await();
        while (result.finish() == ChatFinish.TOOL_CALLS) {
            List<ChatMessage> results = result.reply().toolCalls().stream()
                    .map(call -> ChatMessage.toolResult(call, "1081"))
                    .toList();
            result = chat.send(results, options).await();
        }
        return result;
    }

    record Invoice(String customer, List<String> items, double total) {}

    static Invoice ask(LlamaChat chat, String letter) {
        Invoice invoice = chat.ask(Invoice.class, "What does this letter bill?\n" + letter);
        return invoice;
    }

    static ChatOptions schema() {
        ChatOptions options = ChatOptions.builder()
                .responseSchema("""
                        {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}""")
                .build();
        return options;
    }

    static ChatOptions grammar() {
        ChatOptions options = ChatOptions.builder().grammar("root ::= \"yes\" | \"no\"").build();
        return options;
    }
}
