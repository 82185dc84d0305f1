package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Recording;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineEventsTest {
    private static LlamaModel model;
    private static List<Question> questions;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        questions = EngineFixture.questions(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private interface Work {
        void run() throws Exception;
    }

    private List<RecordedEvent> recorded(Work work) throws Exception {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        // Those of different threads come in no order.
        return RecordingFile.readAllEvents(file).stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    private static List<RecordedEvent> named(String name, List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("io.github.panllama.Engine" + name))
                .toList();
    }

    private static CompletionRequest turn(int i) {
        return greedy(questions.get(i)).build();
    }

    @Test
    void whatWaitsAndWhatIsCancelledIsRecorded() throws Exception {
        List<CompletionResult> results = new ArrayList<>();
        List<RecordedEvent> events = recorded(() -> {
            EngineOptions options = options().sequences(1).contextSize(2048).build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                Generation first = engine.generate(endless(model, 2000).build());
                assertThat(first.iterator().next()).isNotNull(); // pauses it, and so keeps the only place
                Generation second =
                        engine.generate(greedy(questions.get(1)).priority(3).build());
                Generation third = engine.generate(turn(2));
                Generation fourth = engine.generate(turn(3));
                third.cancel();
                results.add(get(third.result()));
                first.cancel();
                results.add(get(first.result()));
                results.add(get(second.result()));
                results.add(get(fourth.result()));
            }
        });
        Usage first = results.get(1).usage();
        Usage second = results.get(2).usage();
        Usage fourth = results.get(3).usage();

        List<RecordedEvent> queue = named("Queue", events);
        assertThat(queue)
                .extracting(event -> event.getInt("promptTokens"))
                .containsExactly(first.promptTokens(), second.promptTokens(), fourth.promptTokens());
        assertThat(queue).extracting(event -> event.getInt("priority")).containsExactly(0, 3, 0);
        assertThat(queue).extracting(event -> event.getInt("waiting")).containsExactly(0, 1, 0);
        assertThat(queue.get(1).getDuration("time"))
                .isEqualTo(results.get(2).timings().queued())
                .isPositive();

        List<RecordedEvent> prefill = named("Prefill", events);
        assertThat(prefill)
                .extracting(event -> event.getInt("promptTokens"))
                .containsExactly(first.promptTokens(), second.promptTokens(), fourth.promptTokens());
        assertThat(prefill)
                .extracting(event -> event.getInt("cachedTokens"))
                .containsExactly(first.cachedTokens(), second.cachedTokens(), fourth.cachedTokens());
        assertThat(prefill.get(1).getDuration("time"))
                .isPositive()
                .isLessThanOrEqualTo(results.get(2).timings().duration());

        List<RecordedEvent> cancel = named("Cancel", events);
        assertThat(cancel).extracting(event -> event.getBoolean("begun")).containsExactly(false, true);
        assertThat(cancel)
                .extracting(event -> event.getInt("generatedTokens"))
                .containsExactly(0, first.generatedTokens());
        assertThat(cancel)
                .extracting(event -> event.getDuration("time"))
                .allMatch(time -> time.compareTo(Duration.ZERO) >= 0);
    }

    @Test
    void promptsTakeAWholeStepOrHalfOfOneBesideThoseThatGenerate() throws Exception {
        CompletionRequest reading =
                CompletionRequest.builder(new int[300]).maxTokens(1).build();
        EngineOptions options = options()
                .sequences(2)
                .contextSize(4096)
                .batchSize(64)
                .prefixCache(false)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<RecordedEvent> alone =
                    recorded(() -> get(engine.generate(reading).result()));
            assertThat(largestStep(alone)).isEqualTo(64);

            Generation other = engine.generate(endless(model, 2000).build());
            CompletableFuture<CompletionResult> ended = other.result();
            while (engine.stats().active() == 0) {
                Thread.onSpinWait();
            }
            List<RecordedEvent> beside = recorded(() -> get(engine.generate(
                            CompletionRequest.builder(new int[301]).maxTokens(1).build())
                    .result()));
            assertThat(ended).as("one that generates meanwhile").isNotDone();
            other.cancel();
            assertThat(largestStep(beside)).isEqualTo(32);
        }
    }

    /** In tokens of prompts. */
    private static int largestStep(List<RecordedEvent> events) {
        return named("Step", events).stream()
                .mapToInt(event -> event.getInt("promptTokens"))
                .max()
                .orElseThrow();
    }

    @Test
    void aStepTellsWhatOfItsTimeWasDecodeAndWhatSampling() throws Exception {
        List<RecordedEvent> steps = named("Step", recorded(() -> {
            try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
                get(engine.generate(turn(0)).result());
            }
        }));
        assertThat(steps).isNotEmpty().allSatisfy(step -> {
            assertThat(step.getDuration("decodeTime")).isPositive();
            assertThat(step.getDuration("decodeTime").plus(step.getDuration("samplingTime")))
                    .isLessThanOrEqualTo(step.getDuration().plusMillis(1));
        });
        assertThat(steps)
                .filteredOn(step -> step.getInt("sequences") > 0)
                .isNotEmpty()
                .allMatch(step -> step.getDuration("samplingTime").isPositive());
    }

    @Test
    void sessionsThatLeaveTheCacheAndComeBackAreRecorded() throws Exception {
        int[] length = new int[1];
        long[] bytes = new long[1];
        List<RecordedEvent> events = recorded(() -> {
            EngineOptions options = options().sequences(1).contextSize(2048).build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                Session session = engine.openSession("a");
                get(session.generate(turn(0)).result());
                length[0] = session.length();
                get(engine.generate(turn(1)).result());
                bytes[0] = engine.stats().sessions().bytes();
                get(session.generate(turn(2)).result());
            }
        });
        RecordedEvent park = named("Park", events).getFirst();
        assertThat(park.getString("session")).isEqualTo("a");
        assertThat(park.getString("to")).isEqualTo("memory");
        assertThat(park.getBoolean("preempted")).isFalse();
        assertThat(park.getInt("tokens")).isEqualTo(length[0]);
        assertThat(park.getLong("bytes")).isEqualTo(bytes[0]).isPositive();

        List<RecordedEvent> evict = named("Evict", events);
        assertThat(evict).extracting(event -> event.getString("session")).containsExactly("a", "");
        assertThat(evict).extracting(event -> event.getBoolean("parked")).containsExactly(true, false);
        assertThat(evict.getFirst().getInt("tokens")).isEqualTo(length[0]);
        assertThat(evict.getFirst().getInt("freedCells")).isEqualTo(length[0]);
        assertThat(evict.getFirst().getInt("sequence")).isZero();

        assertThat(named("Unpark", events)).singleElement().satisfies(unpark -> {
            assertThat(unpark.getString("session")).isEqualTo("a");
            assertThat(unpark.getString("from")).isEqualTo("memory");
            assertThat(unpark.getBoolean("preempted")).isFalse();
            assertThat(unpark.getInt("tokens")).isEqualTo(length[0]);
            assertThat(unpark.getLong("bytes")).isEqualTo(bytes[0]);
        });
    }

    @Test
    void whatTheDiskWritesAndReadsIsRecorded() throws Exception {
        long[] bytes = new long[1];
        List<RecordedEvent> written = recorded(() -> {
            EngineOptions options = options().sequences(1).sessionFolder(folder).build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                for (String id : List.of("a", "b")) {
                    Session session = engine.openSession(id);
                    get(session.generate(turn(0)).result());
                    session.save();
                    bytes[0] = Math.max(bytes[0], engine.stats().sessions().bytes() - bytes[0]);
                }
            }
        });
        List<RecordedEvent> toDisk = named("Park", written).stream()
                .filter(event -> event.getString("to").equals("disk"))
                .toList();
        assertThat(toDisk).extracting(event -> event.getString("session")).containsExactly("a", "b");
        assertThat(toDisk).extracting(event -> event.getLong("bytes")).containsOnly(bytes[0]);

        List<RecordedEvent> read = recorded(() -> {
            EngineOptions options = options()
                    .sequences(1)
                    .sessionFolder(folder)
                    .sessionMemory(bytes[0] * 3 / 2)
                    .build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                engine.openSession("a");
                Session second = engine.openSession("b"); // there is room for one state
                get(second.generate(turn(1)).result());
            }
        });
        List<RecordedEvent> unpark = named("Unpark", read);
        assertThat(unpark).extracting(event -> event.getString("from")).containsExactly("disk", "memory");
        assertThat(unpark).extracting(event -> event.getString("session")).containsOnly("b");
        assertThat(unpark).extracting(event -> event.getLong("bytes")).containsOnly(bytes[0]);
    }

    @Test
    void generationsThatGiveTheirSequenceUpAreRecorded() throws Exception {
        long[] preemptions = new long[1];
        List<RecordedEvent> events = recorded(() -> {
            EngineOptions tight =
                    options().sequences(16).contextSize(768).prefixCache(false).build();
            try (LlamaEngine engine = LlamaEngine.start(model, tight)) {
                List<Generation> generations = questions.stream()
                        .map(question -> engine.generate(greedy(question).build()))
                        .toList();
                for (Generation generation : generations) {
                    get(generation.result());
                }
                preemptions[0] = engine.stats().preemptions();
            }
        });
        assertThat(preemptions[0]).isPositive();
        assertThat(named("Park", events))
                .hasSize((int) preemptions[0])
                .allMatch(event -> event.getBoolean("preempted") && event.getLong("bytes") > 0);
        assertThat(named("Unpark", events))
                .hasSize((int) preemptions[0])
                .allMatch(event -> event.getBoolean("preempted") && event.getInt("tokens") > 0);
        assertThat(named("Evict", events)).isEmpty();
    }

    @Test
    void fieldsHaveTheirUnits() {
        for (Class<? extends Event> type : List.of(
                QueueEvent.class,
                PrefillEvent.class,
                StepEvent.class,
                EvictEvent.class,
                ParkEvent.class,
                UnparkEvent.class,
                CancelEvent.class)) {
            EventType event = EventType.getEventType(type);
            assertThat(event.getCategoryNames()).containsExactly("panllama");
            for (ValueDescriptor field : event.getFields()) {
                assertThat(field.getLabel())
                        .as(event.getName() + "." + field.getName())
                        .isNotBlank();
                if (List.of("time", "decodeTime", "samplingTime").contains(field.getName())) {
                    assertThat(field.getAnnotation(Timespan.class).value()).isEqualTo(Timespan.NANOSECONDS);
                }
                if (field.getName().equals("bytes")) {
                    assertThat(field.getAnnotation(DataAmount.class).value()).isEqualTo(DataAmount.BYTES);
                }
            }
        }
    }

    @Test
    void whatNobodyRecordsIsNotMade() {
        Slot slot = new Slot(0);
        SessionStore sessions = new SessionStore(0, false);
        assertThat(ParkEvent.start()).isNull();
        assertThat(UnparkEvent.start()).isNull();
        assertThat(EvictEvent.of(slot, sessions)).isNull();
    }
}
