package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.FatBinaries.Code;
import io.github.panllama.bindings.FatBinaries.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nvcc wrote, in a library that is compiled here. */
class FatBinariesTest {
    private static final Set<Code> CHIPS = Set.of(
            new Code(90, 75, Reach.LATER),
            new Code(0, 86, Reach.LATER),
            new Code(0, 100, Reach.FAMILY),
            new Code(0, 120, Reach.NONE));

    @TempDir
    private Path temp;

    private Path library;

    @BeforeEach
    void compile() throws Exception {
        library = temp.resolve("libchips.so");
        // Two of them, with what a linker leaves between.
        TestLibrary.compile(library, TestLibrary.fatBinary(temp) + TestLibrary.fatBinary(temp) + "int it;\n");
    }

    @Test
    void codeOfEachKindIsTold() throws IOException {
        assertThat(FatBinaries.read(library)).containsExactly(CHIPS);
    }

    @Test
    void whatHasNoneTellsNothing() throws Exception {
        TestLibrary.compile(library, "int it;\n");
        assertThat(FatBinaries.read(library)).isEmpty();
        assertThat(FatBinaries.read(Files.writeString(library, "no library"))).isEmpty();
        assertThat(FatBinaries.read(Files.write(library, new byte[0]))).isEmpty();
    }

    @Test
    void whatIsCutOrDamagedTellsNothingOrSomethingAndEnds() throws IOException {
        byte[] whole = Files.readAllBytes(library);
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = random.nextBoolean() ? whole.clone() : Arrays.copyOf(whole, random.nextInt(whole.length));
            for (int n = random.nextInt(64); n > 0 && bytes.length > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            assertThat(FatBinaries.read(Files.write(library, bytes))).hasSizeLessThan(100);
        }
        // Lengths that lead backwards, or nowhere.
        for (int at = 0; at + 4 <= whole.length; at += 4) {
            if (whole[at] == 0x50 && whole[at + 1] == (byte) 0xed && whole[at + 2] == 0x55) {
                for (int field = 4; field < 80; field += 4) {
                    byte[] bytes = whole.clone();
                    Arrays.fill(bytes, at + field, at + field + 4, (byte) 0xff);
                    assertThat(FatBinaries.read(Files.write(library, bytes))).hasSizeLessThan(100);
                    Arrays.fill(bytes, at + field, at + field + 4, (byte) 0);
                    assertThat(FatBinaries.read(Files.write(library, bytes))).hasSizeLessThan(100);
                }
            }
        }
    }
}
