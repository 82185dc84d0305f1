package io.github.panllama.guards;

import io.github.panllama.internal.worker.FrameHandler;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.WorkerLink;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A worker that makes llama.cpp abort, with the model of its first argument, when it gets a frame. */
final class AbortingWorker {
    private AbortingWorker() {}

    public static void main(String[] arguments) throws Exception {
        try (WorkerLink link = WorkerLink.connect()) {
            link.channel().start(new FrameHandler() {
                @Override
                public void onFrame(int type, FrameReader frame) {
                    RawC.decode(RawC.context(Path.of(arguments[0])), RawC.batch(1, 0, RawC.BATCH_SIZE + 1));
                }

                @Override
                public void onEnd(java.io.@Nullable IOException reason) {}
            });
            link.awaitEnd();
        }
    }
}
