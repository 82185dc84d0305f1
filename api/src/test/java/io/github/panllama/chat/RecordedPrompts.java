package io.github.panllama.chat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What llama-server rendered: of each template and conversation the beginning of the prompt's SHA-256, or that it refused.
 * Lines of words with tabs between: the release, the conversations, then a line for each template.
 */
record RecordedPrompts(String release, List<String> conversations, Map<String, List<String>> templates) {
    static final String FILE = "prompts.tsv";

    /** In the place of a digest. */
    static final String REFUSED = "refused";

    /** The time of all prompts. */
    static final LocalDateTime TIME = LocalDateTime.of(2025, 3, 9, 14, 5, 6);

    private static final int DIGEST_BYTES = 8;

    static RecordedPrompts read() {
        List<String> lines = ChatRequests.resource(FILE)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
        Map<String, List<String>> templates = new LinkedHashMap<>();
        lines.stream().skip(2).map(line -> line.split("\t", -1)).forEach(words -> {
            templates.put(words[0], List.of(words).subList(1, words.length));
        });
        return new RecordedPrompts(lines.getFirst(), List.of(lines.get(1).split("\t", -1)), templates);
    }

    /** Writes the file. */
    void write(Path file) throws IOException {
        String rows = templates.entrySet().stream()
                .map(row -> row.getKey() + "\t" + String.join("\t", row.getValue()) + "\n")
                .collect(Collectors.joining());
        Files.writeString(
                file,
                "# Written by `bench/run chat`: llama.cpp's release, the conversations, the templates.\n" + release
                        + "\n" + String.join("\t", conversations) + "\n" + rows);
    }

    /** What was recorded, by the conversation's name. */
    Map<String, String> of(String template) {
        List<String> row = templates.get(template);
        return IntStream.range(0, conversations.size())
                .boxed()
                .collect(Collectors.toMap(conversations::get, row::get, (a, _) -> a, LinkedHashMap::new));
    }

    static String digest(String prompt) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(prompt.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
