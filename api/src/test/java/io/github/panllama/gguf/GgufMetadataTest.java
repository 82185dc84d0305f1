package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class GgufMetadataTest {
    private final GgufMetadata metadata = new GgufMetadata(GgufRoundTripTest.everyValue());

    @Test
    void gettersTakeEveryTypeOfTheirKind() {
        assertThat(metadata.intValue("u8", 0)).isEqualTo(255);
        assertThat(metadata.longValue("u32", 0)).isEqualTo(0xFFFF_FFFFL);
        assertThat(metadata.floatValue("f64", 0)).isEqualTo(0.1f);
        assertThat(metadata.floatValue("i8", 0)).isEqualTo(-128f);
        assertThat(metadata.booleanValue("yes", false)).isTrue();
        assertThat(metadata.string("empty")).contains("");
        assertThat(metadata.array("[i32]").orElseThrow().toIntArray()).containsExactly(-1, 0, 1);
        assertThat(metadata.array("[u8]").orElseThrow().toFloatArray()).containsExactly(0, 255);
        assertThat(metadata.array("[bool]").orElseThrow().get(0)).isEqualTo(GgufValue.bool(true));
        assertThat(metadata.find("u64")).contains(GgufValue.uint64(-1));
    }

    @Test
    void aMissingKeyGivesTheDefault() {
        assertThat(metadata.intValue("none", -1)).isEqualTo(-1);
        assertThat(metadata.longValue("none", 1L << 40)).isEqualTo(1L << 40);
        assertThat(metadata.floatValue("none", 1.5f)).isEqualTo(1.5f);
        assertThat(metadata.booleanValue("none", true)).isTrue();
        assertThat(metadata.string("none", "x")).isEqualTo("x");
        assertThat(metadata.array("none")).isEmpty();
        assertThat(metadata.architecture()).isEmpty();
    }

    @Test
    void aValueOfAnotherKindOrRangeIsRefusedWithItsKey() {
        for (String key : new String[] {"text", "f32", "yes", "u64", "[i32]"}) {
            assertThatExceptionOfType(InvalidGgufException.class)
                    .isThrownBy(() -> metadata.longValue(key, 0))
                    .satisfies(e -> assertThat(e.key()).isEqualTo(key))
                    .satisfies(e -> assertThat(e.byteOffset()).isEqualTo(-1));
        }
        assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> metadata.intValue("u32", 0));
        assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> metadata.string("u32"));
        assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> metadata.array("u32"));
        assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> metadata.booleanValue("u32", true));
        assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> metadata.floatValue("text", 0));
    }

    @Test
    void arraysRefuseAnotherKindOfElement() {
        GgufValue.Array texts = metadata.array("[str]").orElseThrow();
        GgufValue.Array floats = metadata.array("[f32]").orElseThrow();
        assertThatIllegalStateException().isThrownBy(() -> texts.longAt(0));
        assertThatIllegalStateException().isThrownBy(() -> texts.doubleAt(0));
        assertThatIllegalStateException().isThrownBy(() -> floats.longAt(0));
        assertThatIllegalStateException().isThrownBy(() -> floats.stringAt(0));
        assertThatIllegalStateException().isThrownBy(floats::strings);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> floats.doubleAt(2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> texts.stringAt(-1));
    }

    @Test
    void valuesRefuseWhatTheirTypeCannotHold() {
        assertThatIllegalArgumentException().isThrownBy(() -> GgufValue.uint8(256));
        assertThatIllegalArgumentException().isThrownBy(() -> GgufValue.uint32(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new GgufValue.Whole(GgufType.BOOL, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new GgufValue.Real(GgufType.INT8, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> GgufValue.wholes(GgufType.INT8, 128));
        assertThatIllegalArgumentException().isThrownBy(() -> GgufValue.wholes(GgufType.FLOAT32, 1));
    }
}
