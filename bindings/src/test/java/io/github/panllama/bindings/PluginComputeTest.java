package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.process.ExitStatus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices that load well and then do not compute, as where a driver cannot compile a plugin's code. Each is the CPU's own
 * device under another name, with a computation that goes wrong; it and the trial are the real ones.
 */
class PluginComputeTest {
    /** The structs are those of ggml-backend-impl.h, as tables of pointers. */
    private static final String DEVICE = """
            #include <dlfcn.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            enum { NAME = 0, DESCRIPTION = 1, MEMORY = 2, INIT = 5, DEVICE_POINTERS = 17, GRAPH_COMPUTE = 13 };
            struct registration {
                int api_version;
                const char * (*name)(void *);
                size_t (*count)(void *);
                void * (*device)(void *, size_t);
                void * (*procedure)(void *, const char *);
                void * context;
            };
            void ggml_log_internal(int level, const char * format, ...);
            void ggml_abort(const char * file, int line, const char * format, ...);
            static void * device[DEVICE_POINTERS];
            static void ** (*open_cpu)(void *, const char *);
            static int (*compute_on_cpu)(void *, void *);
            static void note(const char * what) {
                FILE * file = fopen(getenv("PANLLAMA_TEST_NOTES"), "a");
                fprintf(file, "%s\\n", what);
                fclose(file);
            }
            static const char * name(void * it) { return "FAULTY0"; }
            static const char * description(void * it) { return "NVIDIA H0"; }
            static void memory(void * it, size_t * free, size_t * total) { *free = FREE; *total = (size_t) 8 << 30; }
            static int compute(void * backend, void * graph) { note("computed"); COMPUTE }
            static void * open_device(void * it, const char * parameters) {
                void ** backend = open_cpu(it, parameters);
                compute_on_cpu = (int (*)(void *, void *)) backend[GRAPH_COMPUTE];
                backend[GRAPH_COMPUTE] = (void *) compute;
                return backend;
            }
            static const char * registration_name(void * it) { return "FAULTY"; }
            static void * first(void * it, size_t index) { return device; }
            void * ggml_backend_init(void) {
                static struct registration ours;
                void * library = dlopen(getenv("PANLLAMA_TEST_CPU"), RTLD_NOW);
                struct registration * cpu = ((struct registration * (*)(void)) dlsym(library, "ggml_backend_init"))();
                memcpy(device, cpu->device(cpu, 0), sizeof device);
                open_cpu = (void ** (*)(void *, const char *)) device[INIT];
                device[INIT] = (void *) open_device;
                device[NAME] = (void *) name;
                device[DESCRIPTION] = (void *) description;
                device[MEMORY] = (void *) memory;
                ours = *cpu;
                ours.name = registration_name;
                ours.device = first;
                return &ours;
            }
            """;

    private static final String COMPUTES = "return compute_on_cpu(backend, graph);";
    private static final String IS_WRONG = "return 0;";
    private static final String FAILS = "return -1;";
    /** As CUDA does it. */
    private static final String ABORTS = """
            ggml_log_internal(4, "CUDA error: %s\\n", "the provided PTX was compiled with an unsupported toolchain.");
            ggml_log_internal(4, "  current device: %d, in function %s at %s:%d\\n", 0, "f", "ggml-cuda.cu", 1);
            ggml_log_internal(4, "  %s\\n", "cudaGetLastError()");
            ggml_abort("ggml-cuda.cu", 104, "CUDA error");
            """;

    private static final String PLENTY = "((size_t) 4 << 30)";

    @TempDir
    private Path temp;

    private ProbedFolder folder;

    @BeforeEach
    void linkLibraries() throws IOException {
        folder = new ProbedFolder(temp);
        String cpu =
                String.valueOf(NativeRuntime.get().libraries().getLast().path().getFileName());
        folder.environment("PANLLAMA_TEST_CPU", folder.path().resolve(cpu).toString());
    }

    private void compile(String free, String compute) throws IOException, InterruptedException {
        TestLibrary.compile(
                folder.plugin("faulty"),
                DEVICE.replace("FREE", free).replace("COMPUTE }", compute + " }"),
                "-L" + folder.path(),
                "-lggml-base");
    }

    @Test
    void everyDeviceHereComputes() {
        NativeRuntime.get();
        long devices = LlamaC.ggml_backend_dev_count();
        assertThat(devices).isPositive();
        for (long i = 0; i < devices; i++) {
            MemorySegment device = LlamaC.ggml_backend_dev_get(i);
            Status.check(LlamaC.panllama_device_compute(device));
        }
    }

    @Test
    void deviceThatAbortsWhenItComputesIsAMessageAndTheCpuGoesOn() throws Exception {
        compile(PLENTY, ABORTS);
        ForkedJvm.Result result = folder.load();
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("cpu variant ")
                .contains(
                        "not used: faulty: the plugin ended the process that tried it with a computation on FAULTY0 (NVIDIA H0),"
                                + " which was ended by SIGABRT")
                .contains("CUDA error: the provided PTX was compiled with an unsupported toolchain.")
                .contains("accelerators: Optional.empty");
        assertThat(folder.noted()).isEqualTo(1);
        folder.assertNothingLeft();

        assertThat(folder.load().output()).contains("which was ended by SIGABRT");
        assertThat(folder.noted()).as("remembered").isEqualTo(1);
    }

    @Test
    void deviceThatIsWrongOrFailsIsLeftOut() throws Exception {
        compile(PLENTY, IS_WRONG);
        assertThat(folder.load().output())
                .contains("not used: faulty: the plugin cannot compute on FAULTY0 (NVIDIA H0): it computes wrongly: ")
                .contains("instead of ");
        compile(PLENTY, FAILS);
        assertThat(folder.load().output())
                .contains("not used: faulty: the plugin cannot compute on FAULTY0 (NVIDIA H0): it does not compute: ");
        folder.assertNothingLeft();
    }

    @Test
    void deviceThatComputesIsTakenAndNotTriedAgain() throws Exception {
        compile(PLENTY, COMPUTES);
        for (int i = 0; i < 2; i++) {
            ForkedJvm.Result result = folder.load();
            assertThat(new ExitStatus(result.exit()).code()).as(result.output()).isZero();
            assertThat(result.output())
                    .doesNotContain("not used")
                    .contains("accelerators: Optional[" + folder.plugin("faulty"));
            assertThat(folder.noted()).isEqualTo(1);
        }
        assertThat(folder.load("-Dpanllama.probe=always").output()).doesNotContain("not used");
        assertThat(folder.noted()).isEqualTo(2);
    }

    @Test
    void fullCardIsNotTriedAndNothingIsConcludedFromThat() throws Exception {
        compile("1 << 20", ABORTS);
        assertThat(folder.load().output()).doesNotContain("not used");
        assertThat(temp.resolve("cache/probes")).doesNotExist();
        assertThat(folder.noted()).isZero();
    }
}
