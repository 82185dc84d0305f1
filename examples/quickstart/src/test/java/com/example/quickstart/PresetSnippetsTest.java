package com.example.quickstart;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it writes is 2 GB: it is stopped at once. */
class PresetSnippetsTest {
    @TempDir
    Path folder;

    @Test
    void writing() {
        Path file = folder.resolve("m.gguf");
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> PresetSnippets.write(file));
        assertFalse(Files.exists(file));
    }
}
