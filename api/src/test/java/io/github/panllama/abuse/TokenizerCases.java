package io.github.panllama.abuse;

import io.github.panllama.StreamingDecoder;
import io.github.panllama.Tokenizer;
import io.github.panllama.synthetic.Architecture;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;

/** Ids that are not in the vocabulary, and texts that are hard on a tokenizer. */
final class TokenizerCases {
    private TokenizerCases() {}

    static void register(AbuseCases cases) {
        cases.family("tokenizer");
        ids(cases);
        texts(cases);
    }

    private static void ids(AbuseCases cases) {
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byId(cases, "piece", token, (tokenizer, id) -> tokenizer.piece(id, true));
            byId(cases, "text", token, Tokenizer::text);
            byId(cases, "score", token, Tokenizer::score);
            byId(cases, "attributes", token, Tokenizer::attributes);
            byId(cases, "isEndOfGeneration", token, Tokenizer::isEndOfGeneration);
            byId(cases, "isControl", token, Tokenizer::isControl);
            byId(cases, "decode", token, Tokenizer::decode);
            byId(cases, "decodeBytes", token, (tokenizer, id) -> tokenizer.decodeBytes(new int[] {1, id}, true));
            byId(
                    cases,
                    "StreamingDecoder.append",
                    token,
                    (tokenizer, id) -> tokenizer.newStreamingDecoder().append(id));
        }
        cases.lives("decode nothing", f -> f.model().tokenizer().decode());
        cases.lives("decode a million tokens", f -> {
            int[] tokens = new int[1_000_000];
            Arrays.setAll(tokens, i -> i % 512);
            f.model().tokenizer().decode(tokens, true);
        });
        cases.lives("every token in every way", f -> {
            for (Architecture architecture : Architecture.values()) {
                Tokenizer tokenizer = f.model(architecture).tokenizer();
                StreamingDecoder decoder = tokenizer.newStreamingDecoder(true);
                for (int i = 0; i < tokenizer.size(); i++) {
                    tokenizer.piece(i, true);
                    tokenizer.text(i);
                    tokenizer.score(i);
                    tokenizer.attributes(i);
                    decoder.append(i);
                }
                decoder.finish();
            }
        });
        cases.lives("a decoder that is finished twice", f -> {
            StreamingDecoder decoder = f.model().tokenizer().newStreamingDecoder();
            decoder.append(200);
            decoder.finish();
            decoder.finish();
        });
    }

    private static void byId(AbuseCases cases, String what, int token, BiConsumer<Tokenizer, Integer> action) {
        cases.rejects(
                "%s of token %d".formatted(what, token),
                IndexOutOfBoundsException.class,
                f -> action.accept(f.model().tokenizer(), token));
    }

    private static void texts(AbuseCases cases) {
        text(cases, "nothing", "");
        text(cases, "U+0000", "a\0b\0");
        text(cases, "a lone high surrogate", "a\uD800");
        text(cases, "a lone low surrogate", "\uDC00a");
        text(cases, "surrogates the wrong way round", "\uDC00\uD800");
        text(cases, "noncharacters", "\uFFFE\uFFFF\uDBFF\uDFFF");
        text(cases, "the byte order mark", "\uFEFF");
        text(cases, "combining marks", "e" + "\u0301".repeat(10_000));
        text(cases, "right to left marks", "\u202E\u202D\u200F".repeat(1000));
        text(cases, "a megabyte of one letter", "a".repeat(1 << 20));
        text(cases, "a megabyte of spaces", " ".repeat(1 << 20));
        text(cases, "a megabyte of line breaks", "\n".repeat(1 << 20));
        text(cases, "100,000 digits", "1".repeat(100_000));
        text(cases, "100,000 punctuation marks", "!".repeat(100_000));
        text(cases, "special tokens written out", "<|bos|><|eos|><|user|>".repeat(1000));
        text(cases, "special tokens not whole", "<|bos<|bos|<|bos|><|".repeat(100));
        text(cases, "every character of the basic plane", everyCharacter());
        text(cases, "random characters", random());
        for (Architecture architecture : Architecture.values()) {
            cases.lives(
                    "a text for " + architecture,
                    f -> f.model(architecture).tokenizer().encode("text \uD83D\uDE00 \0 <|bos|>", true, true));
        }
    }

    private static void text(AbuseCases cases, String what, String text) {
        cases.lives("encode " + what, f -> {
            Tokenizer tokenizer = f.model().tokenizer();
            tokenizer.decode(tokenizer.encode(text, true, true), true);
            tokenizer.decode(tokenizer.encode(text, false, false), false);
        });
    }

    private static String everyCharacter() {
        StringBuilder text = new StringBuilder();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            text.append((char) c);
        }
        return text.toString();
    }

    private static String random() {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            text.append((char) random.nextInt(Character.MAX_VALUE + 1));
        }
        return text.toString();
    }
}
