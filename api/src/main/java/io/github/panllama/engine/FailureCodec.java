package io.github.panllama.engine;

import io.github.panllama.ContextFullException;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.InsufficientMemoryException;
import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelLoadException;
import io.github.panllama.NativeLibraryException;
import io.github.panllama.SamplingException;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** How what went wrong in a worker is thrown again here: by its kind and its fields, never as a serialised object. */
final class FailureCodec {
    private static final int MAX_LINES = 10_000;

    private FailureCodec() {}

    /** The kinds of failures. Their order is part of the protocol. */
    private enum Kind {
        ILLEGAL_ARGUMENT,
        ILLEGAL_STATE,
        UNSUPPORTED,
        INDEX,
        CANCELLED,
        BUSY,
        CLOSED,
        CONTEXT_FULL,
        DECODE,
        SAMPLING,
        INVALID_STATE,
        MODEL_LOAD,
        INSUFFICIENT_MEMORY,
        NATIVE_LIBRARY,
        LLAMA,
        OTHER
    }

    private static Kind kind(Throwable failure) {
        return switch (failure) {
            case IllegalArgumentException _ -> Kind.ILLEGAL_ARGUMENT;
            case CancellationException _ -> Kind.CANCELLED;
            case IllegalStateException _ -> Kind.ILLEGAL_STATE;
            case UnsupportedOperationException _ -> Kind.UNSUPPORTED;
            case IndexOutOfBoundsException _ -> Kind.INDEX;
            case EngineBusyException _ -> Kind.BUSY;
            case EngineClosedException _ -> Kind.CLOSED;
            case ContextFullException _ -> Kind.CONTEXT_FULL;
            case DecodeException _ -> Kind.DECODE;
            case SamplingException _ -> Kind.SAMPLING;
            case InvalidStateException _ -> Kind.INVALID_STATE;
            case ModelLoadException _ -> Kind.MODEL_LOAD;
            case InsufficientMemoryException _ -> Kind.INSUFFICIENT_MEMORY;
            case NativeLibraryException _ -> Kind.NATIVE_LIBRARY;
            case LlamaException _ -> Kind.LLAMA;
            default -> Kind.OTHER;
        };
    }

    static void write(Throwable failure, FrameWriter out) {
        Kind kind = kind(failure);
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        NullableFields.putConstant(out, kind);
        switch (failure) {
            case EngineBusyException busy -> {
                out.putString(Wire.clean(message));
                Wire.putDuration(out, busy.retryAfter());
            }
            case ModelLoadException load -> writeLoad(load, message, out);
            case InsufficientMemoryException memory -> {
                out.putString(Wire.clean(message));
                writePlan(memory.plan().orElse(null), out);
            }
            case DecodeException decode
            when kind == Kind.DECODE -> {
                out.putString(Wire.clean(message));
                NullableFields.putConstant(out, decode.status());
            }
            default -> out.putString(Wire.clean(kind == Kind.OTHER ? failure.toString() : message));
        }
    }

    /** The lines are in the message, and come into it again. */
    private static void writeLoad(ModelLoadException load, String message, FrameWriter out) {
        List<String> log = load.nativeLog();
        int end = log.isEmpty()
                ? -1
                : message.indexOf(System.lineSeparator() + "  " + log.getFirst().strip());
        out.putString(Wire.clean(end < 0 ? message : message.substring(0, end)));
        out.putStrings(log.stream().map(Wire::clean).toList());
        boolean invalid = load.getCause() instanceof InvalidGgufException;
        out.putBoolean(invalid);
        if (load.getCause() instanceof InvalidGgufException gguf) {
            String text = Objects.requireNonNullElse(gguf.getMessage(), "");
            String suffix = new InvalidGgufException("", gguf.byteOffset(), gguf.key()).getMessage();
            out.putString(Wire.clean(text.substring(
                    0, text.length() - Objects.requireNonNull(suffix).length())));
            out.putLong(gguf.byteOffset());
            out.putNullableString(gguf.key() == null ? null : Wire.clean(gguf.key()));
        }
    }

    static RuntimeException read(FrameReader in) throws ProtocolException {
        Kind kind = NullableFields.required(in, "kind of failure", Kind.class);
        String message = Wire.getText(in, "message");
        return switch (kind) {
            case ILLEGAL_ARGUMENT -> new IllegalArgumentException(message);
            case ILLEGAL_STATE -> new IllegalStateException(message);
            case UNSUPPORTED -> new UnsupportedOperationException(message);
            case INDEX -> new IndexOutOfBoundsException(message);
            case CANCELLED -> new CancellationException(message);
            case BUSY -> EngineBusyException.relayed(message, duration(in));
            case CLOSED -> new EngineClosedException(null);
            case CONTEXT_FULL -> new ContextFullException(message);
            case DECODE -> new DecodeException(NullableFields.required(in, "status", DecodeStatus.class), message);
            case SAMPLING -> new SamplingException(message);
            case INVALID_STATE -> new InvalidStateException(message);
            case MODEL_LOAD -> load(message, in);
            case INSUFFICIENT_MEMORY -> new InsufficientMemoryException(message, plan(in));
            case NATIVE_LIBRARY -> new NativeLibraryException(message);
            case LLAMA -> new LlamaException(message);
            case OTHER -> new LlamaException("The worker failed: " + message);
        };
    }

    private static void writePlan(@Nullable MemoryPlan plan, FrameWriter out) {
        out.putBoolean(plan != null);
        if (plan == null) {
            return;
        }
        out.putInt(plan.devices().size());
        for (MemoryUse use : plan.devices()) {
            out.putString(Wire.clean(use.device()));
            out.putLong(use.weights()).putLong(use.mappedWeights()).putLong(use.cache());
            out.putLong(use.compute()).putLong(use.output()).putLong(use.free());
        }
        out.putInt(plan.contextSize()).putInt(plan.gpuLayers()).putInt(plan.contexts());
    }

    private static @Nullable MemoryPlan plan(FrameReader in) throws ProtocolException {
        if (!in.getBoolean("plan")) {
            return null;
        }
        List<MemoryUse> devices = new ArrayList<>();
        for (int i = in.getInt("devices", 1, MAX_LINES); i > 0; i--) {
            devices.add(new MemoryUse(
                    Wire.getText(in, "device"),
                    in.getLong("weights"),
                    in.getLong("mappedWeights"),
                    in.getLong("cache"),
                    in.getLong("compute"),
                    in.getLong("output"),
                    in.getLong("free")));
        }
        if (!devices.getLast().isHost()) {
            throw new ProtocolException(
                    "The last device is %s, must be the system's memory".formatted(devices.getLast()));
        }
        return new MemoryPlan(devices, in.getInt("contextSize"), in.getInt("gpuLayers"), in.getInt("contexts"));
    }

    private static Duration duration(FrameReader in) throws ProtocolException {
        return Duration.ofNanos(in.getLong("retryAfter", 0, Long.MAX_VALUE));
    }

    private static ModelLoadException load(String message, FrameReader in) throws ProtocolException {
        List<String> log = in.getStrings("nativeLog", MAX_LINES, Wire.MAX_TEXT);
        if (!in.getBoolean("file is invalid")) {
            return new ModelLoadException(message, log);
        }
        String what = Wire.getText(in, "what is invalid");
        long offset = in.getLong("byteOffset", -1, Long.MAX_VALUE);
        @Nullable String key = in.getNullableString("key", Wire.MAX_TEXT);
        ModelLoadException failure = new ModelLoadException(message, log);
        failure.initCause(new InvalidGgufException(what, offset, key));
        return failure;
    }
}
