package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.file.Path;

/** There is not enough room on the disk for a file. Nothing was left behind. */
public final class DiskSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long neededBytes;
    private final long availableBytes;

    /**
     * Makes an exception for a file.
     *
     * @param file what was to be written
     * @param neededBytes how large it is to become
     * @param availableBytes how much may be written
     */
    public DiskSpaceException(Path file, long neededBytes, long availableBytes) {
        super("%s needs %,d bytes, and its disk has %,d left".formatted(file, neededBytes, availableBytes));
        this.neededBytes = neededBytes;
        this.availableBytes = availableBytes;
    }

    /**
     * How large the file was to become.
     *
     * @return bytes
     */
    public long neededBytes() {
        return neededBytes;
    }

    /**
     * How much there was room for.
     *
     * @return bytes
     */
    public long availableBytes() {
        return availableBytes;
    }
}
