package io.github.panllama.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.panllama.FinishReason;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.JsonBinding;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Texts of a model that knows nothing, held to schemas: all of them end, parse, and are what another implementation of
 * JSON Schema calls valid, formats included. What belongs to a Java type is read as one.
 */
class StructuredGenerationTest {
    private static final int COUNT = Integer.getInteger("panllama.json.generations", 1000);
    private static final int AT_ONCE = 32;

    private static final SchemaRegistry VALIDATOR =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @TempDir
    static Path folder;

    /** A generation that runs, and what it is to be. */
    private record Running(int number, SchemaTable.Entry entry, Schema validator, Generation generation) {}

    @Test
    void everyTextThatIsHeldToASchemaEndsParsesAndIsValid() throws Exception {
        List<SchemaTable.Entry> entries = SchemaTable.entries();
        assertThat(entries).hasSize(50).doesNotHaveDuplicates();
        List<String> grammars = entries.stream()
                .map(entry -> JsonSchema.of(entry.json()).grammar())
                .toList();
        List<Schema> validators =
                entries.stream().map(entry -> VALIDATOR.getSchema(entry.json())).toList();
        List<String> faults = new ArrayList<>();
        long tokens = 0;
        Path file = folder.resolve("random.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
        EngineOptions options = EngineOptions.builder()
                .sequences(AT_ONCE)
                .contextSize(AT_ONCE * 2048)
                .context(context -> context.threads(1)
                        .flashAttention(FlashAttention.DISABLED)
                        .unifiedKvCache(true))
                .build();
        try (LlamaModel model = LlamaModel.load(file);
                LlamaEngine engine = LlamaEngine.start(model, options)) {
            int quote = model.tokenizer().encode("\"", false, false)[0];
            Deque<Running> running = new ArrayDeque<>();
            for (int i = 0; i < COUNT; i++) {
                if (running.size() == 2 * AT_ONCE) {
                    tokens += check(running.remove(), faults);
                }
                SamplingOptions sampling = SamplingOptions.builder()
                        .seed(i + 1)
                        // A text without a bound would have some 500 characters before chance ends it.
                        .bias(quote, 4)
                        .grammar(grammars.get(i % 50))
                        .build();
                CompletionRequest request = CompletionRequest.builder("JSON number " + i + ": ")
                        .sampling(sampling)
                        .maxTokens(1900)
                        .build();
                running.add(new Running(i, entries.get(i % 50), validators.get(i % 50), engine.generate(request)));
            }
            while (!running.isEmpty()) {
                tokens += check(running.remove(), faults);
            }
        }
        System.out.printf(
                "%d texts over %d schemas, %d tokens, %d faults%n", COUNT, entries.size(), tokens, faults.size());
        assertThat(faults).isEmpty();
        assertThat(tokens).isGreaterThan(COUNT);
    }

    /** So that it means something when it finds nothing. */
    @Test
    void theValidatorAssertsFormatsBoundsAndLengths() {
        for (String wrong : List.of(
                "{'format':'date'} '2023-02-30'",
                "{'format':'time'} '25:00:00Z'",
                "{'format':'date-time'} '2024-01-01 00:00:00Z'",
                "{'format':'duration'} 'PT'",
                "{'format':'uuid'} '0123'",
                "{'maximum':3} 4",
                "{'maxLength':1} 'ab'",
                "{'pattern':'^a$'} 'b'",
                "{'additionalProperties':false} {'a':1}",
                "{'required':['a']} {}")) {
            int space = wrong.indexOf("} ") + 1;
            Schema schema = VALIDATOR.getSchema(wrong.substring(0, space).replace('\'', '"'));
            assertThat(errors(schema, wrong.substring(space).replace('\'', '"')))
                    .as(wrong)
                    .isNotEmpty();
        }
    }

    private static List<Error> errors(Schema schema, String text) {
        return schema.validate(
                text,
                InputFormat.JSON,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }

    private static long check(Running running, List<String> faults) throws Exception {
        CompletionResult result = running.generation().await();
        String text = result.text();
        String what = "%d, %s: %s".formatted(running.number(), running.entry().json(), text);
        if (result.finishReason() != FinishReason.STOP) {
            faults.add("no end, of " + what);
            return result.usage().generatedTokens();
        }
        try {
            errors(running.validator(), text).forEach(error -> faults.add(error + ", in " + what));
            if (running.entry().type() != null) {
                read(text, running.entry().type(), what, faults);
            }
        } catch (RuntimeException e) {
            faults.add(e + ", of " + what);
        }
        return result.usage().generatedTokens();
    }

    /** A record can be written too, and read again as the same. */
    private static void read(String text, Type type, String what, List<String> faults) {
        JsonBinding binding = JsonBinding.load();
        Object value = binding.read(text, type);
        if (value instanceof Record && value.getClass() == type) {
            String written = binding.write(value);
            if (!binding.read(written, type).equals(value)) {
                faults.add("not the same again, " + written + ", of " + what);
            }
        }
    }
}
