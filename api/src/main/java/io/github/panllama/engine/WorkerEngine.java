package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplerStage;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerService;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A worker's engine, as its client uses it: what comes in frames is done, and what becomes of it is sent.
 *
 * <p><b>Threads.</b> The channel's thread gives the frames. What may take long is done by others.
 */
final class WorkerEngine implements AutoCloseable {
    /** What is submitted on the channel's thread, in characters and tokens: encoding it takes less than a hand-over. */
    private static final int SMALL_PROMPT = 4096;

    private static final int MAX_COUNT = 65_536;

    private final LocalEngine engine;
    private final WorkerOutput output;
    private final WorkerSessions sessions;
    private final WorkerService calls;
    private final @Nullable WorkerService service;
    private final ExecutorService others = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("panllama-call-", 0).factory());

    WorkerEngine(LocalEngine engine, WorkerOutput output) {
        this.engine = engine;
        this.output = output;
        sessions = new WorkerSessions(engine);
        calls = new EngineCalls(engine, sessions);
        service = Services.chat(engine.model());
    }

    void onFrame(int type, FrameReader in) throws ProtocolException {
        switch (type) {
            case Wire.SUBMIT -> submit(in);
            case Wire.CANCEL -> cancel(in);
            case Wire.CREDIT -> credit(in);
            case Wire.CALL -> call(in);
            default -> throw new ProtocolException("A frame has the type %d, which no client sends".formatted(type));
        }
    }

    /** As {@link Pulse#look}. */
    int look(boolean excused) {
        return engine.look(excused);
    }

    private void cancel(FrameReader in) throws ProtocolException {
        RelayedGeneration generation = output.generation(in.getLong("id"));
        in.end();
        if (generation != null) {
            generation.cancel();
        }
    }

    private void credit(FrameReader in) throws ProtocolException {
        RelayedGeneration generation = output.generation(in.getLong("id"));
        long chunks = in.getLong("chunks", 0, Long.MAX_VALUE);
        in.end();
        if (generation != null) {
            generation.allow(chunks);
        }
    }

    private void submit(FrameReader in) throws ProtocolException {
        long first = in.getLong("id");
        boolean continues = in.getBoolean("session");
        int count = in.getInt("count", 1, continues ? 1 : MAX_COUNT);
        WorkerSessions.@Nullable Use session = continues ? sessions.read(in) : null;
        CompletionRequest request;
        try {
            request = RequestCodec.read(in);
        } catch (IllegalArgumentException e) {
            refuse(first, e);
            return;
        }
        in.end();
        List<RelayedGeneration> relays = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RelayedGeneration relay = new RelayedGeneration(output, first + i);
            output.begins(relay);
            relays.add(relay);
        }
        if ((session == null || sessions.has(session)) && isSmall(request)) {
            submit(first, request, relays, session);
        } else {
            others.execute(() -> {
                submit(first, request, relays, session);
                output.flush();
            });
        }
    }

    private static boolean isSmall(CompletionRequest request) {
        int length = request.prompt == null ? request.promptTokens.length : request.prompt.length();
        return length <= SMALL_PROMPT && request.sampling.stages().stream().noneMatch(WorkerEngine::isGrammar);
    }

    /** Rules are read for a while before they are used. */
    private static boolean isGrammar(SamplerStage stage) {
        return switch (stage) {
            case SamplerStage.Grammar _ -> true;
            case SamplerStage.LazyGrammar _ -> true;
            case SamplerStage.ReplyGrammar _ -> true;
            default -> false;
        };
    }

    private void submit(
            long first,
            CompletionRequest request,
            List<RelayedGeneration> relays,
            WorkerSessions.@Nullable Use session) {
        try {
            if (session == null) {
                Deque<RelayedGeneration> left = new ArrayDeque<>(relays);
                engine.generate(
                        request,
                        relays.size(),
                        (readAhead, wake) -> left.remove().bind(readAhead, wake));
            } else {
                sessions.generate(session, request, relays.getFirst());
            }
            output.append(new FrameWriter(Wire.ACCEPTED).putLong(first).putInt(relays.size()));
        } catch (RuntimeException | Error e) {
            output.fails(e);
            relays.forEach(output::ended);
            refuse(first, e);
        }
    }

    private void refuse(long first, Throwable e) {
        FrameWriter frame = new FrameWriter(Wire.REFUSED).putLong(first);
        FailureCodec.write(e, frame);
        output.append(frame);
    }

    private void call(FrameReader in) throws ProtocolException {
        long id = in.getLong("id");
        int call = in.getInt("call", 0, Integer.MAX_VALUE);
        WorkerService.Answer answer;
        try {
            answer = read(call, in);
        } catch (IllegalArgumentException e) {
            answer = _ -> {
                throw e;
            };
        }
        WorkerService.Answer asked = answer;
        others.execute(() -> answer(id, asked));
    }

    private WorkerService.Answer read(int call, FrameReader in) throws ProtocolException {
        if (call < Wire.FIRST_SERVICE) {
            return calls.read(call, in);
        }
        if (service == null) {
            throw new ProtocolException("A call of %d, which this worker has no service for".formatted(call));
        }
        return service.read(call - Wire.FIRST_SERVICE, in);
    }

    private void answer(long id, WorkerService.Answer answer) {
        FrameWriter frame = new FrameWriter(Wire.REPLY).putLong(id);
        try {
            answer.write(frame);
        } catch (RuntimeException | Error e) {
            frame = new FrameWriter(Wire.ERROR).putLong(id);
            FailureCodec.write(e, frame);
        }
        output.send(frame);
    }

    /** Ends the engine and frees the model. */
    @Override
    public void close() {
        LlamaModel model = engine.model();
        engine.close();
        model.close();
    }
}
