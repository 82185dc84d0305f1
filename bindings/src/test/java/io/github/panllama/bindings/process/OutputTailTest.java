package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputTailTest {
    private final List<String> heard = new ArrayList<>();
    private final OutputTail tail = new OutputTail(3, heard::add);

    private void read(String text) {
        tail.readAll(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void lastLinesAreKeptInOrder() {
        read("1\n2\r\n\n3\n4\nthe end without a line's end");
        assertThat(tail.lines()).containsExactly("3", "4", "the end without a line's end");
        assertThat(heard).containsExactly("1", "2", "3", "4", "the end without a line's end");
    }

    @Test
    void longLineIsCut() {
        read("a".repeat(100_000) + "\nb\n");
        assertThat(tail.lines()).containsExactly("a".repeat(4096), "b");
    }

    @Test
    void bytesThatAreNoTextAreReplaced() {
        tail.readAll(new ByteArrayInputStream(new byte[] {'a', (byte) 0xff, 'b', '\n'}));
        assertThat(tail.lines()).containsExactly("a\ufffdb");
    }
}
