package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointersTest {
    @Test
    void textIsReadAsUtf8UpToItsZero() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("größer 🦙");
            assertThat(Pointers.string(MemorySegment.ofAddress(text.address()))).isEqualTo("größer 🦙");
        }
    }

    @Test
    void nullIsNoText() {
        assertThat(Pointers.string(MemorySegment.NULL)).isNull();
    }

    @Test
    void viewHasTheExactSizeAndCannotBeWritten() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment owned = arena.allocate(16);
            MemorySegment view = Pointers.view(MemorySegment.ofAddress(owned.address()), 8);
            assertThat(view.byteSize()).isEqualTo(8);
            assertThatThrownBy(() -> view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void adoptedObjectIsFreedOnceWithItsPointerWhenTheArenaCloses() {
        List<Long> freed = new ArrayList<>();
        MemorySegment pointer = MemorySegment.ofAddress(4096);
        MemorySegment handle;
        try (Arena arena = Arena.ofShared()) {
            handle = Pointers.adopt(pointer, arena, it -> freed.add(it.address()));
            assertThat(handle.byteSize()).isZero();
            assertThat(freed).isEmpty();
        }
        assertThat(freed).containsExactly(4096L);
        assertThat(handle.scope().isAlive()).isFalse();
    }

    @Test
    void nullIsNeitherViewedNorAdopted() {
        assertThatThrownBy(() -> Pointers.view(MemorySegment.NULL, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pointers.adopt(MemorySegment.NULL, Arena.ofAuto(), _ -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
