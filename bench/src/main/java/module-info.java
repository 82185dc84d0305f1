import org.jspecify.annotations.NullMarked;

/** Benchmarks of panllama. Not published. */
@NullMarked
@SuppressWarnings("requires-automatic") // jmh.core has no descriptor
module io.github.panllama.bench {
    requires io.github.panllama;
    requires io.github.panllama.cli; // its load, which the engine's peers get too
    requires info.picocli;
    requires java.logging;
    requires java.net.http;
    requires java.management; // processor time
    requires jdk.jfr; // where the time of a step goes
    requires jdk.management; // allocated bytes
    requires jmh.core;
    requires jdk.unsupported; // what JMH generates pads its objects with sun.misc.Unsafe
    requires tools.jackson.databind;
    requires static org.jspecify;

    opens io.github.panllama.bench.gpu to
            info.picocli;
}
