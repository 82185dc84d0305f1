package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With libraries of no content that this test compiles: NVIDIA's are not there where it runs. */
class CudaRuntimeTest {
    @TempDir
    private Path temp;

    @BeforeAll
    static void load() {
        assertThat(NativeRuntime.get().libraries()).isNotEmpty();
    }

    private Path compile(String folder, String name) throws IOException, InterruptedException {
        Path source = Files.writeString(temp.resolve("empty.c"), "int panllama_test_empty(void) { return 0; }\n");
        Path library = Files.createDirectories(temp.resolve(folder)).resolve(name);
        String compiler = Objects.requireNonNullElse(System.getenv("CC"), "cc");
        Process process = new ProcessBuilder(
                        compiler,
                        "-shared",
                        "-fPIC",
                        source.toString(),
                        "-Wl,-soname," + name,
                        "-o",
                        library.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        return library;
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev/nvidia0", "dev/nvidia3", "dev/nvidia12", "proc/driver/nvidia/version"})
    void anyCardIsAGpu(String sign) throws IOException {
        assertThat(CudaRuntime.gpuPresent(temp)).isFalse();
        Path file = temp.resolve(sign);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
        assertThat(CudaRuntime.gpuPresent(temp)).isTrue();
    }

    @Test
    void whatOnlyTheDriverOrAnotherSystemHasIsNone() throws IOException {
        Files.createDirectories(temp.resolve("dev"));
        for (String name : List.of("nvidiactl", "nvidia-uvm", "dxg")) {
            Files.createFile(temp.resolve("dev").resolve(name));
        }
        assertThat(CudaRuntime.gpuPresent(temp)).isFalse();
    }

    @Test
    void theFirstLibraryThatCanBeOpenedIsTakenAndItsPlaceRemembered() throws Exception {
        Path damaged = Files.createDirectories(temp.resolve("damaged")).resolve("libpanllamatest.so.13");
        Files.writeString(damaged, "no library");
        Path good = compile("good", "libpanllamatest.so.13");
        List<CudaFolder> folders = List.of(
                new CudaFolder(temp.resolve("none"), "CUDA_PATH"),
                new CudaFolder(damaged.getParent(), "CUDA_HOME"),
                new CudaFolder(good.getParent(), "VIRTUAL_ENV"));

        assertThat(CudaRuntime.open(folders, "libpanllamatest.so.13")).isNull();

        assertThat(NativeRuntime.get().cudaLibraries())
                .contains(new CudaLibrary("libpanllamatest.so.13", good, "VIRTUAL_ENV"));
    }

    @Test
    void aLibraryThatIsNowhereAndOneThatIsDamagedAreTold() throws IOException {
        assertThat(CudaRuntime.open(List.of(), "libpanllamanone.so.13")).contains("libpanllamanone.so.13");
        Path damaged = temp.resolve("libpanllamabad.so.13");
        Files.writeString(damaged, "no library");
        assertThat(CudaRuntime.open(List.of(new CudaFolder(temp, "CUDA_PATH")), "libpanllamabad.so.13"))
                .contains(damaged.toString());
    }

    @Test
    void theFileOfALibraryOfTheSystemIsTold() {
        assertThat(CudaRuntime.open(List.of(), "libm.so.6")).isNull();
        assertThat(NativeRuntime.get().cudaLibraries())
                .filteredOn(library -> library.name().equals("libm.so.6"))
                .singleElement()
                .satisfies(library -> {
                    assertThat(library.path()).isAbsolute().exists();
                    assertThat(library.origin()).isEqualTo("the system's path");
                });
        assertThat(CudaRuntime.mapped("libnone.so.1")).isEqualTo(Path.of("libnone.so.1"));
    }
}
