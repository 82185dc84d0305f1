package io.github.panllama.chat;

import io.github.panllama.chat.ChatRequests.ChatRequest;
import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonParser;
import java.util.List;

/**
 * What a model wrote in one of the formats.
 *
 * @param name says what is in it
 * @param template the file of the template
 * @param request what was asked
 * @param text what the model wrote, from the end of the prompt on
 */
record RawReply(String name, String template, ChatRequest request, String text) {
    /** The table of replies. */
    static List<RawReply> all() {
        JsonFields file =
                JsonParser.parse(ChatRequests.resource("raw-replies.json")).fields("the file");
        JsonFields requests = file.get("requests").fields("requests");
        return file.get("replies").list("replies").stream()
                .map(node -> node.fields("a reply"))
                .map(row -> new RawReply(
                        row.get("name").text("name"),
                        row.get("template").text("template"),
                        ChatRequest.of(
                                row.get("name").text("name"),
                                requests.get(row.get("request").text("request"))),
                        row.get("text").text("text")))
                .toList();
    }
}
