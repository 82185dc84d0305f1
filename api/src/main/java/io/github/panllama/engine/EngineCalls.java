package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerService;

/** Answers calls about a worker's engine and its sessions. */
final class EngineCalls implements WorkerService {
    private final LocalEngine engine;
    private final WorkerSessions sessions;

    EngineCalls(LocalEngine engine, WorkerSessions sessions) {
        this.engine = engine;
        this.sessions = sessions;
    }

    @Override
    public Answer read(int call, FrameReader in) throws ProtocolException {
        Answer answer = switch (call) {
            case Wire.CALL_STATS -> reply -> StatsCodec.write(engine.stats(), reply);
            case Wire.CALL_ENCODE -> encode(in);
            case Wire.CALL_DECODE -> decode(in);
            case Wire.CALL_OPEN -> open(in);
            case Wire.CALL_FORK -> fork(in);
            case Wire.CALL_SAVE -> save(in);
            case Wire.CALL_FORGET -> forget(in);
            default -> throw new ProtocolException("A call of %d, which there is not".formatted(call));
        };
        in.end();
        return answer;
    }

    private Answer encode(FrameReader in) throws ProtocolException {
        String text = Wire.getText(in, "text");
        boolean addSpecial = in.getBoolean("addSpecial");
        boolean parseSpecial = in.getBoolean("parseSpecial");
        return reply -> reply.putInts(engine.encode(text, addSpecial, parseSpecial));
    }

    private Answer decode(FrameReader in) throws ProtocolException {
        int[] tokens = in.getInts("tokens", Wire.MAX_LIST);
        boolean special = in.getBoolean("special");
        return reply -> reply.putString(engine.decode(tokens, special));
    }

    private Answer open(FrameReader in) throws ProtocolException {
        String id = WorkerSessions.id(in);
        return reply -> reply.putInts(sessions.open(id).conversation());
    }

    private Answer fork(FrameReader in) throws ProtocolException {
        WorkerSessions.Use use = sessions.read(in);
        String id = WorkerSessions.id(in);
        return _ -> sessions.fork(use, id);
    }

    private Answer save(FrameReader in) throws ProtocolException {
        WorkerSessions.Use use = sessions.read(in);
        return _ -> sessions.synced(use).save();
    }

    private Answer forget(FrameReader in) throws ProtocolException {
        String id = WorkerSessions.id(in);
        return _ -> sessions.forget(id);
    }
}
