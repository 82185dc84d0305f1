package io.github.panllama.internal.worker;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A worker that does what a test asks for, by its first argument. It sends back every frame that it gets. */
@SuppressWarnings("SystemOut")
final class WorkerMain {
    /** What a frame asks for, other than to come back. */
    static final int FLOOD = 100;

    static final int FILL_HEAP = 101;
    static final int COMPUTE = 102;
    static final int ENVIRONMENT = 103;

    private static final int FLOOD_LINES = 200_000;

    private WorkerMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (arguments[0]) {
            case "dies" -> {
                System.err.println("cannot go on");
                System.exit(5);
            }
            case "silent" -> LockSupport.park();
            default -> serve(arguments[0]);
        }
    }

    private static void serve(String how) throws IOException, InterruptedException {
        try (WorkerLink link = WorkerLink.connect()) {
            link.channel().start(new Echo(link.channel()));
            link.awaitEnd();
        }
        System.out.println("the parent has ended its output");
        while (how.equals("stubborn")) {
            LockSupport.park();
        }
    }

    private record Echo(FrameChannel channel) implements FrameHandler {
        @Override
        public void onFrame(int type, FrameReader frame) throws ProtocolException {
            try {
                switch (type) {
                    case FLOOD -> flood();
                    case FILL_HEAP -> Thread.ofPlatform().start(Echo::fillHeap);
                    case COMPUTE -> Thread.ofPlatform().start(Echo::compute);
                    case ENVIRONMENT ->
                        channel.send(new FrameWriter(type)
                                .putString(System.getenv().keySet() + " "
                                        + System.getProperties().keySet()));
                    default -> {
                        channel.append(
                                new FrameWriter(type).putBytes(frame.getBytes("content", FrameWriter.MAX_FRAME)));
                        frame.end();
                    }
                }
            } catch (ProtocolException e) {
                throw e;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onBatchEnd() {
            try {
                channel.flush();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private void flood() throws IOException {
            String line = "a line of the log that says nothing to anybody, and is one of many ".repeat(3);
            for (int i = 0; i < FLOOD_LINES; i++) {
                System.err.println(i + " " + line);
            }
            System.err.println("the flood is over");
            channel.send(new FrameWriter(FLOOD).putBytes(new byte[0]));
        }

        private static void fillHeap() {
            byte[][] all = new byte[1 << 20][];
            for (int i = 0; i < all.length; i++) {
                all[i] = new byte[1 << 20];
            }
            System.out.println(all.length);
        }

        /** Is in native code for an hour. */
        private static void compute() {
            try {
                MethodHandle sleep = Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker()
                                        .defaultLookup()
                                        .find("sleep")
                                        .orElseThrow(),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
                System.out.println((int) sleep.invokeExact(3600));
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onEnd(@Nullable IOException reason) {}
    }
}
