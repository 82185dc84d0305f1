package io.github.panllama.bench.gpu;

import io.github.panllama.cli.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The process that measures, apart from the one that keeps the results: a driver or a kernel that fails ends it, and nothing
 * more. It reads one line, what to do, and prints a line for each thing that it has begun or found out. It ends when its
 * standard input does, and so with whoever started it.
 */
public final class GpuWorker {
    private static final Logger LOGGER = Logger.getLogger("io.github.panllama");
    private static final int FAILED = 1;
    private static final int ORPHANED = 3;

    private GpuWorker() {}

    /**
     * Does what the first line of standard input says.
     *
     * @param args none
     * @throws IOException if that cannot be read
     */
    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        LOGGER.setLevel(Level.WARNING);
        // Whatever else prints, to another place than the results.
        PrintStream results = System.out;
        System.setOut(System.err);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String request = input.readLine();
        if (request == null) {
            return;
        }
        Thread.ofPlatform().daemon().start(() -> endWith(input));
        int code = FAILED;
        try {
            EngineJob.run(new Figures(JsonText.object(request)), event -> {
                results.println(Json.write(event));
                results.flush();
            });
            code = 0;
        } catch (IOException | RuntimeException | Error e) {
            LOGGER.log(Level.SEVERE, "It has failed", e);
        } finally {
            // Nothing may be left that keeps it: a driver's threads, say.
            System.exit(code);
        }
    }

    private static void endWith(BufferedReader input) {
        try {
            while (input.readLine() != null) {
                // Nothing more is to be said.
            }
        } catch (IOException e) {
            // As at its end.
        }
        Runtime.getRuntime().halt(ORPHANED);
    }

    /** A line of one field. */
    static Map<String, @Nullable Object> line(String name, @Nullable Object value) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put(name, value);
        return line;
    }
}
