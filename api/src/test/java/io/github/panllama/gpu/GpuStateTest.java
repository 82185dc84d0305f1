package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a context remembers goes from the card to the CPU and back. */
@OnCard
class GpuStateTest {
    private static final int[] PROMPT = Walk.prompt(48, 13);
    private static final int[] NEXT = Walk.prompt(4, 14);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void aStateGoesOnElsewhere(Architecture architecture) throws IOException {
        Path file = Card.write(folder, architecture);
        travels(file, Card.context(256).build(), 0.01);
    }

    /** How values lie in the cache depends on flash attention. */
    @ParameterizedTest
    @CsvSource({"F16, 0.01", "Q8_0, 0.03"})
    void aStateWithFlashAttentionGoesOnElsewhere(KvCacheType type, double distance) throws IOException {
        Path file = folder.resolve("heads.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .heads(4)
                .kvHeads(2)
                .headLength(64)
                .write(file);
        travels(
                file,
                Card.context(256)
                        .flashAttention(FlashAttention.ENABLED)
                        .kvCacheType(type)
                        .build(),
                distance);
    }

    /** From the card to the CPU, and from there back to another context of the card. */
    private static void travels(Path file, ContextOptions options, double distance) {
        try (LlamaModel onCard = Card.load(file);
                LlamaModel onCpu = Card.loadOnCpu(file);
                LlamaContext here = onCard.newContext(options);
                LlamaContext there = onCpu.newContext(options);
                LlamaContext back = onCard.newContext(options)) {
            Walk.evaluate(here, 0, PROMPT);
            byte[] state = here.state().save();
            there.state().restore(state);
            assertThat(there.memory().maxPosition(0)).isEqualTo(PROMPT.length - 1);
            back.state().restore(there.state().save());
            Walk expected = Walk.on(here, PROMPT.length, NEXT, 12);
            Walk.on(there, PROMPT.length, NEXT, 12).assertFollows("on the CPU", expected, distance);
            // Nothing was computed in between, so nothing was rounded.
            Walk.on(back, PROMPT.length, NEXT, 12).assertFollows("back on the card", expected, 1e-6);
        }
    }

    /** More sessions than sequences: in host memory alone, or on the disk too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sessionsLeaveTheCardAndComeBack(boolean disk) {
        int count = 8;
        var few = CardEngines.options(2).contextSize(2 * 768).sessionMemory(disk ? 1_000_000 : 1_000_000_000);
        var many = CardEngines.options(count).contextSize(count * 768);
        try (LlamaModel model = Card.load(TinyModel.path())) {
            List<Question> questions = CardEngines.questions(model);
            List<String> parked = new ArrayList<>();
            try (LlamaEngine engine =
                    LlamaEngine.start(model, (disk ? few.sessionFolder(folder.resolve("sessions")) : few).build())) {
                parked.addAll(turns(engine, questions, count));
                assertThat(engine.stats().sessions().inMemory()
                                + engine.stats().sessions().onDisk())
                        .isGreaterThanOrEqualTo(count - 2);
            }
            try (LlamaEngine engine = LlamaEngine.start(model, many.build())) {
                List<String> expected = turns(engine, questions, count);
                assertThat(CardEngines.agreement(parked, expected)).isGreaterThanOrEqualTo(0.9);
            }
        }
    }

    /** Two turns of each session, one after the other; the second goes on with what the first left. */
    private static List<String> turns(LlamaEngine engine, List<Question> questions, int count) {
        List<Session> sessions = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 2 * count; i++) {
            boolean first = i < count;
            if (first) {
                sessions.add(engine.openSession());
            }
            Session session = sessions.get(i % count);
            int before = session.length();
            CompletionResult result = CardEngines.result(session.generate(
                    CardEngines.greedy(questions.get(i % questions.size())).build()));
            texts.add(result.text());
            assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(first ? 0 : before - 1);
        }
        return texts;
    }
}
