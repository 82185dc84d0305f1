package io.github.panllama.bench;

import io.github.panllama.cli.bench.CompletedRequest;
import io.github.panllama.cli.bench.Target;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code llama-server}, a process of its own, driven over HTTP. When nothing is asked of it, it waits without computing.
 *
 * <p><b>Threads.</b> Any may complete.
 */
final class LlamaServer implements Target, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final int OK = 200;
    /** So that a slot does not end a request for want of room. */
    private static final int SPARE = 16;

    private static final Pattern COUNT = Pattern.compile("\"(tokens_[a-z]+)\": ?(\\d+)");

    private final Path log;
    private final URI address;
    private final Process process;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(threads)
            .build();

    private LlamaServer(Path log, URI address, Process process) {
        this.log = log;
        this.address = address;
        this.process = process;
    }

    /** Starts a server with a slot for each request in flight, and waits until it is ready. */
    static LlamaServer start(Path programs, Path model, PeerWorkload workload, PeerSetting setting) {
        try {
            int port = freePort();
            List<String> command = new ArrayList<>(List.of(
                    programs.resolve("llama-server").toString(),
                    "--model",
                    model.toString(),
                    "--host",
                    "127.0.0.1",
                    "--port",
                    Integer.toString(port),
                    "--parallel",
                    Integer.toString(workload.parallel()),
                    "--ctx-size",
                    Integer.toString(workload.parallel() * (workload.length() + SPARE)),
                    "--fit",
                    "off",
                    "--cache-ram",
                    "0",
                    "--log-verbosity",
                    "1"));
            command.addAll(setting.arguments());
            Path log = Files.createTempFile("panllama-bench", ".log");
            Process process =
                    Peers.start(Peers.process(command).redirectErrorStream(true).redirectOutput(log.toFile()));
            LlamaServer server = new LlamaServer(log, URI.create("http://127.0.0.1:" + port), process);
            try {
                server.awaitReady();
                return server;
            } catch (RuntimeException | Error e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws IOException {
        HttpRequest health = HttpRequest.newBuilder(address.resolve("/health")).build();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0 && process.isAlive()) {
            try {
                if (client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == OK) {
                    return;
                }
            } catch (IOException e) {
                // It does not listen yet.
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            pause();
        }
        throw new IllegalStateException("llama-server is not ready:%n%s".formatted(Files.readString(log)));
    }

    private void pause() {
        try {
            process.waitFor(BETWEEN_LOOKS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(e);
    }

    /** Greedy, from a prompt of tokens, without what it computed for others; the answer comes as a whole. */
    @Override
    public CompletedRequest complete(int[] prompt, int tokens) {
        String body = """
                {"prompt": %s, "n_predict": %d, "ignore_eos": true, "temperature": 0, "cache_prompt": false,
                "response_fields": ["tokens_evaluated", "tokens_predicted"]}
                """.formatted(Arrays.toString(prompt), tokens);
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/completion"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            long submitted = System.nanoTime();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            Duration duration = Duration.ofNanos(System.nanoTime() - submitted);
            check(response, prompt.length, tokens);
            return new CompletedRequest(
                    submitted,
                    new Usage(prompt.length, 0, tokens, 0, 0),
                    new Timings(Duration.ZERO, Duration.ZERO, List.of(), duration));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void check(HttpResponse<String> response, int prompt, int tokens) {
        int right = 0;
        for (Matcher counts = COUNT.matcher(response.body()); counts.find(); ) {
            int count = Integer.parseInt(counts.group(2));
            right += count == (counts.group(1).equals("tokens_evaluated") ? prompt : tokens) ? 1 : 0;
        }
        if (response.statusCode() != OK || right != 2) {
            throw new IllegalStateException("llama-server was asked for %d tokens after %d and answered %d: %s"
                    .formatted(tokens, prompt, response.statusCode(), response.body()));
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
            Files.deleteIfExists(log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        client.close();
        threads.close();
    }
}
