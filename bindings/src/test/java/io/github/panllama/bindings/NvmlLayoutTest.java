package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.gen.nvml.nvmlMemory_t;
import io.github.panllama.bindings.gen.nvml.nvmlMemory_v2_t;
import io.github.panllama.bindings.gen.nvml.nvmlPciInfo_t;
import io.github.panllama.bindings.gen.nvml.nvmlProcessInfo_t;
import io.github.panllama.bindings.gen.nvml.nvmlUtilization_t;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlLayoutTest {
    private static final Path HEADER =
            Path.of("jextract/nvml.h").toAbsolutePath().normalize();
    private static final List<GroupLayout> LAYOUTS = List.of(
            nvmlPciInfo_t.layout(),
            nvmlMemory_t.layout(),
            nvmlMemory_v2_t.layout(),
            nvmlUtilization_t.layout(),
            nvmlProcessInfo_t.layout());

    @TempDir
    Path folder;

    @Test
    void theBindingsHaveTheLayoutsThatTheCompilerGivesTheHeader() throws Exception {
        Map<String, Long> java = AbiProof.javaTable(LAYOUTS);
        assertThat(java).hasSizeGreaterThan(20);
        assertThat(AbiProof.differences(compiled(java), java)).isEmpty();
    }

    /** What NVIDIA's driver has had since these structs exist; a version is the size, and its number in the top byte. */
    @Test
    void theSizesAreThoseOfTheDriver() {
        assertThat(nvmlPciInfo_t.sizeof()).isEqualTo(68);
        assertThat(nvmlPciInfo_t.busId$offset()).isEqualTo(36);
        assertThat(nvmlMemory_t.sizeof()).isEqualTo(24);
        assertThat(nvmlMemory_v2_t.sizeof() | 2 << 24).isEqualTo(0x02000028);
        assertThat(nvmlUtilization_t.sizeof()).isEqualTo(8);
        assertThat(nvmlProcessInfo_t.sizeof()).isEqualTo(24);
        assertThat(nvmlProcessInfo_t.gpuInstanceId$offset()).isEqualTo(16);
    }

    @Test
    void nothingThatSetsAnythingIsBound() throws IOException {
        assertThat(Files.readString(HEADER)).doesNotContainPattern("nvml\\w*(Set|Reset|Clear)[A-Z]");
        assertThat(Arrays.stream(NvmlLibrary.class.getMethods()).map(Method::getName))
                .contains("deviceEnergy")
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("set")
                        || name.toLowerCase(Locale.ROOT).contains("reset"));
    }

    /** The sizes and offsets of the same names, printed by a program that includes the header. */
    private Map<String, Long> compiled(Map<String, Long> names) throws IOException, InterruptedException {
        StringBuilder program = new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n#include \"nvml.h\"\n");
        program.append("int main(void) {\n");
        for (String name : names.keySet()) {
            int dot = name.indexOf('.');
            String expression = dot < 0
                    ? "sizeof(%s)".formatted(name)
                    : "offsetof(%s, %s)".formatted(name.substring(0, dot), name.substring(dot + 1));
            program.append("    printf(\"%s %%zu\\n\", (size_t) %s);\n".formatted(name, expression));
        }
        program.append("    return 0;\n}\n");
        Path source = Files.writeString(folder.resolve("layout.c"), program);
        Path executable = folder.resolve("layout");
        run(
                "cc",
                "-std=c11",
                "-Wall",
                "-Werror",
                "-I" + HEADER.getParent(),
                "-o",
                executable.toString(),
                source.toString());
        Map<String, Long> table = new LinkedHashMap<>();
        run(executable.toString()).lines().forEach(line -> {
            String[] parts = line.split(" ", 2);
            table.put(parts[0], Long.parseLong(parts[1]));
        });
        return table;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
