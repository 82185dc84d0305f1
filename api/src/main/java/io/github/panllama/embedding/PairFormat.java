package io.github.panllama.embedding;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A query and a document as the tokens that a reranker was trained on, like {@code llama-server} has them: by the
 * model's template named {@code rerank}, or else with the tokens between and around them that its vocabulary asks for.
 */
final class PairFormat {
    private static final Pattern PLACE = Pattern.compile("\\{(query|document)}");

    private final Tokenizer tokenizer;
    private final Optional<String> template;
    private final Truncation truncation;
    private final int maxTokens;

    PairFormat(LlamaModel model, Truncation truncation, int maxTokens) {
        this.tokenizer = model.tokenizer();
        this.template = model.chatTemplate("rerank");
        this.truncation = truncation;
        this.maxTokens = maxTokens;
    }

    /** The tokens of a pair, its document cut if it is too long and may be. */
    int[] of(String query, String document) {
        int[] tokens = whole(query, document);
        return tokens.length <= maxTokens || truncation == Truncation.REFUSE
                ? tokens
                : longestThatFits(query, document, tokens);
    }

    private int[] whole(String query, String document) {
        if (template.isPresent()) {
            // In one pass: a query that has "{document}" in it keeps it.
            String prompt = PLACE.matcher(template.get())
                    .replaceAll(place -> Matcher.quoteReplacement(place.group(1).equals("query") ? query : document));
            return tokenizer.encode(prompt, false, true);
        }
        IntStream.Builder tokens = IntStream.builder();
        OptionalInt end = tokenizer.endOfText().isPresent() ? tokenizer.endOfText() : tokenizer.separator();
        add(tokens, tokenizer.addsBeginOfText(), tokenizer.beginOfText());
        IntStream.of(tokenizer.encode(query, false, false)).forEach(tokens);
        add(tokens, tokenizer.addsEndOfText(), end);
        add(tokens, tokenizer.addsSeparator(), tokenizer.separator());
        IntStream.of(tokenizer.encode(document, false, false)).forEach(tokens);
        add(tokens, tokenizer.addsEndOfText(), end);
        return tokens.build().toArray();
    }

    private static void add(IntStream.Builder tokens, boolean wanted, OptionalInt token) {
        if (wanted) {
            token.ifPresent(tokens);
        }
    }

    /** By halving: a template's tokens may join with those of the document, so that they cannot be counted apart. */
    private int[] longestThatFits(String query, String document, int[] whole) {
        int fits = 0;
        int tooLong = document.codePointCount(0, document.length());
        int[] best = whole(query, "");
        while (tooLong - fits > 1) {
            int middle = (fits + tooLong) >>> 1;
            int[] tokens = whole(query, cut(document, middle));
            if (tokens.length <= maxTokens) {
                fits = middle;
                best = tokens;
            } else {
                tooLong = middle;
            }
        }
        // Where not even the query fits, the pair is refused with the length that it has.
        return best.length <= maxTokens ? best : whole;
    }

    private String cut(String document, int characters) {
        return truncation == Truncation.KEEP_BEGINNING
                ? document.substring(0, document.offsetByCodePoints(0, characters))
                : document.substring(document.offsetByCodePoints(document.length(), -characters));
    }
}
