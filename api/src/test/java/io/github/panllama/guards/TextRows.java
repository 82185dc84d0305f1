package io.github.panllama.guards;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The rows about samplers, grammars and templates. */
final class TextRows {
    private static final String THROWN = "panllama: uncaught C++ exception in llama.cpp: ";
    private static final int DEPTH = 200_000;

    private TextRows() {}

    /** What is done with a model through the API. */
    @FunctionalInterface
    private interface Use {
        void of(LlamaModel model) throws Exception;
    }

    private static GuardRow.Action api(Use use) {
        return files -> {
            try (LlamaModel model = LlamaModel.load(files.model())) {
                use.of(model);
            }
        };
    }

    static void add(List<GuardRow> rows) {
        exceptions(rows);
        candidates(rows);
        nesting(rows);
    }

    private static Sampler grammar(LlamaModel model, String grammar) {
        return Sampler.of(model, new SamplerStage.Grammar(grammar), new SamplerStage.Greedy());
    }

    private static void exceptions(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "C++ exception through the C API: a token that a grammar does not allow",
                List.of(GuardRows.ABORT),
                THROWN,
                files -> {
                    MemorySegment model = RawC.model(files.model());
                    MemorySegment sampler = RawC.grammar(model, "root ::= \"a\"");
                    RawC.run("llama_sampler_accept", sampler, RawC.token(model, "b"));
                },
                SamplingException.class,
                api(model -> {
                    try (Sampler sampler = grammar(model, "root ::= \"a\"")) {
                        sampler.accept(model.tokenizer().encode("b", false, false)[0]);
                    }
                })));
        rows.add(new GuardRow(
                "token accepted twice",
                List.of(GuardRows.ABORT),
                THROWN,
                files -> {
                    MemorySegment model = RawC.model(files.model());
                    MemorySegment sampler = RawC.grammar(model, "root ::= \"a\"");
                    int token = RawC.token(model, "a");
                    RawC.run("llama_sampler_accept", sampler, token);
                    RawC.run("llama_sampler_accept", sampler, token);
                },
                SamplingException.class,
                api(model -> {
                    try (Sampler sampler = grammar(model, "root ::= \"a\"")) {
                        sampler.accept(sampler.sample(new float[512])); // a sampler accepts what it samples
                    }
                })));
    }

    private static void candidates(List<GuardRow> rows) {
        rows.add(new GuardRow(
                "sampler without candidates",
                List.of(GuardRows.ABORT),
                "panllama: llama.cpp aborts the process: ",
                files -> {
                    Arena arena = Arena.global();
                    MemorySegment sampler = (MemorySegment) RawC.call("llama_sampler_init_typical", ADDRESS, 0.5f, 1L);
                    MemorySegment none = arena.allocate(32, 8); // llama_token_data_array: data, size, selected, sorted
                    none.set(ADDRESS, 0, arena.allocate(16));
                    none.set(JAVA_LONG, 8, 0);
                    none.set(JAVA_LONG, 16, -1);
                    none.set(JAVA_BOOLEAN, 24, false);
                    RawC.run("llama_sampler_apply", sampler, none);
                    RawC.returned(none.get(JAVA_LONG, 16));
                },
                SamplingException.class,
                api(model -> {
                    float[] logits = new float[512];
                    Arrays.fill(logits, Float.NEGATIVE_INFINITY);
                    try (Sampler sampler = Sampler.of(model, new SamplerStage.Distribution(1))) {
                        sampler.sample(logits);
                    }
                })));
        rows.add(new GuardRow(
                "logits that are not numbers, of which C takes the first",
                List.of("returns 0"),
                "",
                files -> {
                    MemorySegment context = RawC.context(files.withoutNumbers());
                    RawC.decode(context, RawC.batch(1, 0, 2));
                    MemorySegment sampler = (MemorySegment) RawC.call("llama_sampler_init_greedy", ADDRESS);
                    RawC.returned((int) RawC.call("llama_sampler_sample", JAVA_INT, sampler, context, 1));
                },
                SamplingException.class,
                files -> {
                    try (LlamaModel model = LlamaModel.load(files.withoutNumbers());
                            LlamaContext context = model.newContext(GuardRows.options());
                            Sampler sampler = Sampler.of(model, new SamplerStage.Distribution(1))) {
                        GuardRows.decode(context, 1, 0, 2);
                        sampler.sample(context, 1);
                    }
                }));
    }

    private static void nesting(List<GuardRow> rows) {
        String groups = "root ::= " + "(".repeat(DEPTH) + "\"a\"" + ")".repeat(DEPTH);
        rows.add(new GuardRow(
                "deep nesting in a grammar",
                List.of(GuardRows.SEGV),
                "",
                files -> RawC.grammar(RawC.model(files.model()), groups),
                IllegalArgumentException.class,
                api(model -> grammar(model, groups).close())));
        String recursion = "root ::= root \"a\" | \"a\"";
        rows.add(new GuardRow(
                "grammar that calls itself first",
                List.of(GuardRows.SEGV, "returns 0"),
                "",
                files -> RawC.returned(
                        RawC.grammar(RawC.model(files.model()), recursion).address()),
                IllegalArgumentException.class,
                api(model -> grammar(model, recursion).close())));
        String template = "{{ " + "(".repeat(DEPTH) + "1" + ")".repeat(DEPTH) + " }}";
        rows.add(new GuardRow(
                "deep nesting in a template",
                List.of(GuardRows.SEGV),
                "",
                files -> {
                    MemorySegment text = RawC.text(template);
                    MemorySegment out = Arena.global().allocate(ADDRESS);
                    int code = LlamaC.panllama_chat_template_create(
                            RawC.model(files.model()), text, text.byteSize() - 1, out);
                    RawC.returned(code);
                },
                ChatTemplateException.class,
                api(model -> ChatTemplate.of(model, template))));
    }
}
