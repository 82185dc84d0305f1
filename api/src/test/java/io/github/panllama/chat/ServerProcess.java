package io.github.panllama.chat;

import io.github.panllama.NativeBuild;
import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** llama-server, for a model and a template. */
final class ServerProcess implements AutoCloseable {
    private static final int ATTEMPTS = 600;
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Process process;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts one and waits until it is ready; empty where it ends instead, as for a template that it refuses. */
    static Optional<ServerProcess> start(Path program, Path model, Path template) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path log = Files.createTempFile("llama-server", ".log");
        List<String> command = List.of(
                program.toString(),
                "--model",
                model.toString(),
                "--chat-template-file",
                template.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--parallel",
                "1",
                "--threads",
                "1",
                "--ctx-size",
                "16384",
                "--no-warmup",
                "--fit",
                "off");
        // It looks for the CPU's plugins in its working folder.
        Path libraries = Objects.requireNonNull(NativeBuild.library("libllama").getParent());
        Process process = new ProcessBuilder(command)
                .directory(libraries.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        ServerProcess server = new ServerProcess(process, log, port);
        if (server.isReady()) {
            return Optional.of(server);
        }
        System.err.println(Files.readString(log));
        server.close();
        return Optional.empty();
    }

    private boolean isReady() {
        for (int i = 0; i < ATTEMPTS && process.isAlive(); i++) {
            try {
                if (connection("/health").getResponseCode() == HttpURLConnection.HTTP_OK) {
                    return true;
                }
            } catch (IOException e) {
                // It does not listen yet.
            }
            try {
                process.waitFor(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private HttpURLConnection connection(String path) throws IOException {
        URI address = URI.create("http://127.0.0.1:" + port + path);
        return (HttpURLConnection) address.toURL().openConnection();
    }

    /** What it answers, or empty where it refuses. */
    Optional<JsonFields> post(String path, String body) throws IOException {
        HttpURLConnection connection = connection(path);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            if (!process.isAlive()) {
                throw new IOException("llama-server has ended:\n" + Files.readString(log));
            }
            return Optional.empty();
        }
        try (InputStream in = connection.getInputStream()) {
            return Optional.of(JsonParser.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .fields("the answer"));
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(log);
    }
}
