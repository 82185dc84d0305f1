package com.example.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatFinish;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.ChatResult;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.chat.StructuredOutputException;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what docs/chat.md shows of {@link LlamaChat}, on a random model. */
class ChatSnippetsTest {
    @TempDir
    static Path folder;

    static LlamaModel model;
    static LlamaEngine engine;

    @BeforeAll
    static void start() throws IOException {
        Path file = folder.resolve("llama.gguf");
        SyntheticModel.builder(Architecture.LLAMA).build().write(file);
        model = LlamaModel.load(file);
        engine = LlamaEngine.start(
                model, EngineOptions.builder().sequences(2).contextSize(4096).build());
    }

    @AfterAll
    static void stop() {
        engine.close();
        model.close();
    }

    private static LlamaChat chat() {
        ChatOptions few = ChatOptions.builder().maxTokens(8).build();
        return LlamaChat.builder(engine).options(few).build();
    }

    @Test
    void conversations() throws IOException {
        ChatSnippets.talk(engine);
        try (LlamaChat chat = chat()) {
            assertTrue(ChatSnippets.events(chat).usage().generatedTokens() > 0);
            assertTrue(ChatSnippets.request(chat).size() > 0);
            ChatSnippets.anotherWay(chat);
            assertEquals(2, chat.messages().size());
            try (LlamaChat loaded = ChatSnippets.saveAndLoad(engine, chat, folder.resolve("chat.json"))) {
                assertEquals(chat.messages(), loaded.messages());
            }
            assertNotNull(chat.send("Hi", ChatSnippets.options()).await());
        }
    }

    @Test
    void tools() {
        assertNotNull(ChatSnippets.tools(engine));
        try (LlamaChat chat = chat()) {
            ChatResult result = ChatSnippets.ownTools(chat, new ChatTool("calculator", "Counts.", "{}"));
            assertTrue(result.finish() != ChatFinish.TOOL_CALLS);
        }
    }

    @Test
    void answersWithAForm() {
        try (LlamaChat chat = chat()) {
            try {
                assertNotNull(ChatSnippets.ask(chat, "a letter").items());
            } catch (StructuredOutputException e) {
                // A random model writes names that never end.
                assertTrue(e.json().startsWith("{"), e.json());
            }
            String json = chat.send("Hi", ChatSnippets.schema()).text();
            assertTrue(json.strip().startsWith("{"), json);
            String word = chat.send("Hi", ChatSnippets.grammar()).text();
            assertTrue(word.equals("yes") || word.equals("no"), word);
        }
    }
}
