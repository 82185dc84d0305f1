package io.github.panllama;

import io.github.panllama.chat.LlamaChat;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process that uses all of an isolated engine, and prints the native libraries that it has then. */
final class IsolatedParent {
    private IsolatedParent() {}

    /**
     * Runs.
     *
     * @param args a model
     */
    public static void main(String[] args) throws IOException {
        IsolatedOptions options = IsolatedOptions.builder().devices(List.of()).build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(Path.of(args[0]), options);
                Session session = engine.openSession();
                LlamaChat chat = LlamaChat.of(engine)) {
            System.out.println(engine.description().description());
            session.generate(CompletionRequest.of("Once upon a time")).await();
            System.out.println("answer " + chat.send("What is 47 + 85?").await().text());
            System.out.println(engine.stats().completed() + " completed");
            System.out.println("tokens " + engine.encode("one two").length);
        }
        List<String> libraries = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.matches(".*/lib(llama|ggml|panllama)[^/]*"))
                .toList();
        System.out.println("libraries " + libraries);
    }
}
