package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin with nvcc's code, and a stand-in for the driver's library that says which CUDA it is of and which card it has. */
class CudaProbeTest {
    private static final String DRIVER = """
            #include <stdlib.h>
            #include <string.h>
            int cuInit(unsigned int flags) { return atoi(getenv("CUDA_TEST_INIT")); }
            int cuDriverGetVersion(int * version) { *version = atoi(getenv("CUDA_TEST_VERSION")); return 0; }
            int cuDeviceGetCount(int * count) { *count = 2; return 0; }
            int cuDeviceGet(int * device, int index) { *device = 40 + index; return 0; }
            int cuDeviceGetName(char * name, int length, int device) {
                strncpy(name, device == 40 ? "NVIDIA A10" : "NVIDIA H100 PCIe", length);
                return 0;
            }
            int cuDeviceGetAttribute(int * value, int attribute, int device) {
                int chip = device == 40 ? 86 : atoi(getenv("CUDA_TEST_CHIP"));
                *value = attribute == 75 ? chip / 10 : chip % 10;
                return attribute == 75 || attribute == 76 ? 0 : 1;
            }
            """;

    private static final String PLUGIN = """
            #include <stdio.h>
            #include <stdlib.h>
            void * ggml_backend_init(void) {
                fclose(fopen(getenv("PANLLAMA_TEST_NOTES"), "a"));
                return NULL;
            }
            """;

    @TempDir
    private Path temp;

    private ProbedFolder folder;

    @BeforeEach
    void compile() throws Exception {
        folder = new ProbedFolder(temp);
        Path libraries = Files.createDirectories(temp.resolve("cuda"));
        for (String name : List.of("libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13")) {
            TestLibrary.compile(libraries.resolve(name), "int it;\n", "-Wl,-soname," + name);
        }
        TestLibrary.compile(libraries.resolve("libcuda.so.1"), DRIVER, "-Wl,-soname,libcuda.so.1");
        TestLibrary.compile(folder.plugin("cuda"), TestLibrary.fatBinary(temp) + PLUGIN);
        folder.environment("LD_LIBRARY_PATH", libraries.toString());
        folder.environment("CUDA_TEST_INIT", "0");
    }

    private String load(int version, int chip) throws IOException, InterruptedException {
        folder.environment("CUDA_TEST_VERSION", Integer.toString(version));
        folder.environment("CUDA_TEST_CHIP", Integer.toString(chip));
        Files.deleteIfExists(folder.notes());
        ForkedJvm.Result result = folder.load();
        assertThat(result.exit()).as(result.output()).isZero();
        folder.assertNothingLeft();
        return result.output();
    }

    @Test
    void driverThatIsTooOldForTheChipsCodeIsToldBeforeThePluginIsLoaded() throws Exception {
        assertThat(load(12_090, 90))
                .contains("cpu variant ")
                .contains(
                        "not used: cuda: the plugin has no machine code for NVIDIA H100 PCIe (compute capability 9.0), and"
                                + " the driver, of CUDA 12.9, cannot compile its PTX 9.0: that takes CUDA 13.0.")
                .contains("-Dcuda.architectures=90-real")
                .contains("CUDA_VISIBLE_DEVICES")
                .contains("It is left out for an hour, or until it or the driver changes");
        assertThat(folder.notes()).doesNotExist();
    }

    @Test
    void chipWithoutCodeIsTold() throws Exception {
        assertThat(load(13_000, 70))
                .contains("not used: cuda: the plugin has no code for NVIDIA H100 PCIe (compute capability 7.0)");
        assertThat(folder.notes()).doesNotExist();
    }

    @Test
    void driverThatCanIsLeftToThePlugin() throws Exception {
        assertThat(load(13_000, 90)).contains("not used: cuda: load_backend: failed to initialize backend from ");
        assertThat(folder.notes()).exists();
        assertThat(load(12_090, 89)).contains("not used: cuda: load_backend: failed to initialize backend from ");
        assertThat(folder.notes()).exists();
    }

    @Test
    void driverThatDoesNotAnswerIsLeftToThePlugin() throws Exception {
        folder.environment("CUDA_TEST_INIT", "100");
        assertThat(load(12_090, 90)).contains("not used: cuda: load_backend: failed to initialize backend from ");
        assertThat(folder.notes()).exists();
    }
}
