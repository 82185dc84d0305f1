package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AbiProofTest {
    private static Map<String, Long> table() {
        return new LinkedHashMap<>(AbiProof.javaTable(AbiProof.LAYOUTS));
    }

    @Test
    void loadedLibrariesAreThoseOfTheBindings() {
        NativeRuntime.get();
        assertThatCode(AbiProof::check).doesNotThrowAnyException();
    }

    @Test
    void equalTablesDifferInNothing() {
        assertThat(AbiProof.differences(table(), table())).isEmpty();
    }

    @Test
    void membersOfAnAnonymousUnionAreComparedToo() {
        assertThat(table())
                .containsEntry("llama_model_kv_override.val_i64", 136L)
                .containsEntry("llama_model_kv_override.val_str", 136L);
    }

    @Test
    void grownStructIsNamedWithBothSizes() {
        Map<String, Long> other = table();
        other.put("llama_context_params", 168L);
        assertThat(AbiProof.differences(other, table()))
                .containsExactly("size of struct llama_context_params: native 168, bindings 160");
    }

    @Test
    void movedFieldIsNamedWithBothOffsets() {
        Map<String, Long> other = table();
        other.put("llama_batch.pos", 32L);
        assertThat(AbiProof.differences(other, table()))
                .containsExactly("offset of pos in struct llama_batch: native 32, bindings 24");
    }

    @Test
    void fieldThatOneSideLacksIsNamed() {
        Map<String, Long> other = table();
        other.remove("llama_batch.pos");
        other.put("llama_batch.extra", 56L);
        assertThat(AbiProof.differences(other, table()))
                .containsExactly(
                        "offset of pos in struct llama_batch: native not there, bindings 24",
                        "offset of extra in struct llama_batch: native 56, bindings not there");
    }

    @Test
    void manyDifferencesAreCounted() {
        assertThatThrownBy(() -> AbiProof.checkTable(List.of("a", "b", "c", "d", "e", "f", "g")))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("a; b; c; d; e; and 2 more");
    }

    @Test
    void otherReleaseIsRefusedOnEitherLibrary() {
        assertThatCode(() -> AbiProof.checkVersions(Pin.RELEASE, Pin.RELEASE + "-dev"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> AbiProof.checkVersions("0.7.0", Pin.RELEASE + "-dev"))
                .hasMessageContainingAll("0.7.0", Pin.RELEASE);
        assertThatThrownBy(() -> AbiProof.checkVersions(Pin.RELEASE, Pin.RELEASE + "1"))
                .hasMessageContaining(Pin.RELEASE + "1");
    }
}
