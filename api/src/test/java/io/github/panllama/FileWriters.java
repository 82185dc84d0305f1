package io.github.panllama;

import java.io.IOException;
import java.nio.file.Path;

/** Writes with everything that writes files, and prints their names. */
final class FileWriters {
    /** Begins each line. */
    static final String WRITTEN = "written ";

    private FileWriters() {}

    /** Argument: a folder. */
    public static void main(String[] args) throws IOException {
        ReplacedFilesTest.writeAll(Path.of(args[0])).forEach(file -> System.out.println(WRITTEN + file));
    }
}
