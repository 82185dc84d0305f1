package io.github.panllama.tinymodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The bundled models: small, trained by panllama itself, and packed into this jar. They add, subtract, remember, know a
 * few facts, call a calculator; see {@code model/README.md} for what they can do and how well.
 *
 * <p>llama.cpp reads files, not jars. So each method unpacks its file into panllama's cache folder, once for each
 * content, and answers where it is: the folder that {@code -Dpanllama.cache} or {@code PANLLAMA_CACHE} names, else the
 * user's own for caches.
 *
 * <p><b>Threads.</b> Every method may be called from any thread, and by many processes at once.
 */
public final class TinyModel {
    static final String MODEL = "panllama-tiny-q8_0.gguf";
    static final String EXPERTS = "panllama-tiny-experts-q8_0.gguf";
    static final String QUESTIONS = "questions.jsonl";

    private static final Map<String, Path> UNPACKED = new ConcurrentHashMap<>();

    private TinyModel() {}

    /**
     * The model, a GGUF file with weights in Q8_0.
     *
     * @throws UncheckedIOException if it cannot be unpacked
     * @throws IllegalStateException if this jar was built without it
     */
    public static Path path() {
        return file(MODEL);
    }

    /**
     * The sibling with a mixture of experts, for the arithmetic and recall tasks alone.
     *
     * @throws UncheckedIOException if it cannot be unpacked
     * @throws IllegalStateException if this jar was built without it
     */
    public static Path expertsPath() {
        return file(EXPERTS);
    }

    /**
     * Questions that training never saw, with their answers: a file of JSON objects, one a line, in UTF-8.
     *
     * @throws UncheckedIOException if it cannot be unpacked
     * @throws IllegalStateException if this jar was built without it
     */
    public static Path questions() {
        return file(QUESTIONS);
    }

    /** Whether this jar has the {@linkplain #path() model}. */
    public static boolean isPresent() {
        return resource(MODEL) != null;
    }

    private static Path file(String name) {
        Path known = UNPACKED.get(name);
        if (known != null && Files.exists(known)) {
            return known;
        }
        try {
            Path file = UnpackedFile.of(CacheFolder.ofUser().resolve("models"), name, read(name));
            UNPACKED.put(name, file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static byte[] read(String name) throws IOException {
        URL url = resource(name);
        if (url == null) {
            throw new IllegalStateException("panllama-tiny-model was built without " + name);
        }
        // Without the JVM's jar cache, which would keep the jar open.
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static @Nullable URL resource(String name) {
        return TinyModel.class.getResource(name);
    }
}
