package io.github.panllama.internal.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A parent that starts a worker, has it compute in native code, says which process it is, and waits to be killed. */
final class WorkerParentMain {
    private WorkerParentMain() {}

    /**
     * The program.
     *
     * @param arguments the entries of the class path
     */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        List<Path> classPath = Arrays.stream(arguments).map(Path::of).toList();
        WorkerProcess worker = WorkerProcess.start(
                WorkerCommand.of(WorkerMain.class).classPath(classPath).arguments(List.of("echo")));
        worker.channel().send(new FrameWriter(WorkerMain.COMPUTE));
        System.out.println("worker " + worker.pid());
        System.out.flush();
        while (worker.isAlive()) {
            LockSupport.parkNanos(1_000_000_000);
        }
    }
}
