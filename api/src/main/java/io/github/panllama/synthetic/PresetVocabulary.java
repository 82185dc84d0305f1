package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tokens of a family of models: as many as the real one has, with its special tokens in their places and its way to
 * cut texts. The ordinary ones are bytes and merges of them, made up; texts can be split into them and come back.
 */
enum PresetVocabulary {
    /** Of Qwen 2.5, with the special tokens of DeepSeek R1. */
    QWEN("deepseek-r1-qwen", 0, 151_643, Marks.R1) {
        @Override
        List<Special> specials() {
            return List.of(
                    new Special(151_643, Marks.END, CONTROL),
                    new Special(151_644, Marks.USER, USER_DEFINED),
                    new Special(151_645, Marks.ASSISTANT, USER_DEFINED),
                    new Special(151_646, Marks.BEGIN, CONTROL),
                    new Special(151_648, SyntheticVocabulary.THINK, USER_DEFINED),
                    new Special(151_649, SyntheticVocabulary.END_THINK, USER_DEFINED));
        }
    },
    /** Of Llama 3, with the special tokens of DeepSeek R1. */
    LLAMA("llama-bpe", 0, 128_000, Marks.R1) {
        @Override
        List<Special> specials() {
            return List.of(
                    new Special(128_000, Marks.BEGIN, CONTROL),
                    new Special(128_001, Marks.END, CONTROL),
                    new Special(128_011, Marks.USER, USER_DEFINED),
                    new Special(128_012, Marks.ASSISTANT, USER_DEFINED),
                    new Special(128_013, SyntheticVocabulary.THINK, USER_DEFINED),
                    new Special(128_014, SyntheticVocabulary.END_THINK, USER_DEFINED));
        }
    },
    /** Of DeepSeek V2. */
    DEEPSEEK_V2("deepseek-llm", 0, 100_000, Marks.V2) {
        @Override
        List<Special> specials() {
            return List.of(new Special(100_000, Marks.BEGIN, CONTROL), new Special(100_001, Marks.END, CONTROL));
        }
    },
    /** Of DeepSeek V3 and R1. */
    DEEPSEEK_V3("deepseek-v3", 3, 127_997, Marks.R1) {
        @Override
        List<Special> specials() {
            return List.of(
                    new Special(0, Marks.BEGIN, CONTROL),
                    new Special(1, Marks.END, CONTROL),
                    new Special(2, Marks.PAD, CONTROL),
                    new Special(128_798, SyntheticVocabulary.THINK, USER_DEFINED),
                    new Special(128_799, SyntheticVocabulary.END_THINK, USER_DEFINED),
                    new Special(128_803, Marks.USER, USER_DEFINED),
                    new Special(128_804, Marks.ASSISTANT, USER_DEFINED));
        }
    };

    // values of tokenizer.ggml.token_type
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private static final int BYTES = 256;

    private static final Map<PresetVocabulary, Ordinary> MADE = new ConcurrentHashMap<>();

    /** A token with a meaning of its own. */
    record Special(int id, String text, int type) {}

    /** The tokens of bytes and their merges. */
    private record Ordinary(GgufValue.Array tokens, GgufValue.Array merges) {
        static Ordinary of(int count) {
            MergeList merges = MergeList.of(count - BYTES);
            List<String> tokens = new ArrayList<>(count);
            for (int b = 0; b < BYTES; b++) {
                tokens.add(ByteAlphabet.of(b));
            }
            tokens.addAll(merges.tokens());
            return new Ordinary(GgufValue.texts(tokens), GgufValue.texts(merges.merges()));
        }
    }

    private final String preTokenizer;
    private final int first;
    private final int ordinary;
    private final String template;

    PresetVocabulary(String preTokenizer, int first, int ordinary, String template) {
        this.preTokenizer = preTokenizer;
        this.first = first;
        this.ordinary = ordinary;
        this.template = template;
    }

    abstract List<Special> specials();

    /** Adds the tokenizer's keys to a file, for as many tokens; ids without a use are filled up. */
    void describe(GgufWriter writer, int size) {
        Ordinary made = MADE.computeIfAbsent(this, _ -> Ordinary.of(ordinary));
        int[] types = new int[size];
        Arrays.fill(types, UNUSED);
        Arrays.fill(types, first, first + ordinary, NORMAL);
        specials().forEach(special -> types[special.id()] = special.type());
        writer.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", preTokenizer)
                .put("tokenizer.ggml.tokens", GgufValue.texts(tokens(made.tokens(), size)))
                .put("tokenizer.ggml.token_type", GgufValue.int32s(types))
                .put("tokenizer.ggml.merges", made.merges())
                .put("tokenizer.ggml.bos_token_id", id(Marks.BEGIN))
                .put("tokenizer.ggml.eos_token_id", id(Marks.END))
                .put("tokenizer.ggml.padding_token_id", id(Marks.END))
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_eos_token", false)
                .put("tokenizer.chat_template", template);
    }

    private List<String> tokens(GgufValue.Array made, int size) {
        List<String> tokens = new ArrayList<>(size);
        for (int id = 0; id < size; id++) {
            boolean ordinary = id >= first && id < first + made.size();
            tokens.add(ordinary ? made.stringAt(id - first) : "[PAD" + id + ']');
        }
        specials().forEach(special -> tokens.set(special.id(), special.text()));
        return tokens;
    }

    private int id(String text) {
        return specials().stream()
                .filter(special -> special.text().equals(text))
                .mapToInt(Special::id)
                .findFirst()
                .orElseThrow();
    }

    /** The marks of DeepSeek's conversations, and how they are put. */
    private static final class Marks {
        static final String BEGIN = "<\uFF5Cbegin\u2581of\u2581sentence\uFF5C>";
        static final String END = "<\uFF5Cend\u2581of\u2581sentence\uFF5C>";
        static final String PAD = "<\uFF5C\u2581pad\u2581\uFF5C>";
        static final String USER = "<\uFF5CUser\uFF5C>";
        static final String ASSISTANT = "<\uFF5CAssistant\uFF5C>";

        static final String R1 = template(USER, "", ASSISTANT);
        static final String V2 = template("User: ", "\n\n", "Assistant:");

        private Marks() {}

        private static String template(String user, String after, String assistant) {
            return """
                    {%%- for message in messages -%%}
                    {%%- if message['role'] == 'system' -%%}{{ message['content'] + %2$s }}
                    {%%- elif message['role'] == 'user' -%%}{{ %1$s + message['content'] + %2$s }}
                    {%%- elif message['role'] == 'assistant' -%%}{{ %3$s + message['content'] + %4$s }}
                    {%%- endif -%%}
                    {%%- endfor -%%}
                    {%%- if add_generation_prompt -%%}{{ %3$s }}{%%- endif -%%}\
                    """.formatted(quoted(user), quoted(after), quoted(assistant), quoted(END));
        }

        private static String quoted(String text) {
            return "'" + text.replace("\n", "\\n") + "'";
        }
    }
}
