package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.process.ExitStatus;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that do what a bad driver does, compiled here, beside the real libraries, in JVMs of their own. */
class PluginProbeTest {
    /** Counts its loads in a file that the environment names. */
    private static final String COUNT = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            static void count(void) {
                FILE * file = fopen(getenv("PANLLAMA_TEST_NOTES"), "a");
                fputs("loaded\\n", file);
                fclose(file);
            }
            """;

    private static final String ABORTS = "fputs(\"the driver is in a bad mood\\n\", stderr); abort();";
    private static final String CRASHES = "*(volatile int *) 0 = 1; return 0;";
    private static final String HANGS = "for (;;) { pause(); }";
    private static final String DECLINES = "return 0;";

    @TempDir
    private Path temp;

    private ProbedFolder folder;

    @BeforeEach
    void linkLibraries() throws IOException {
        folder = new ProbedFolder(temp);
    }

    private void compile(String name, String body) throws IOException, InterruptedException {
        TestLibrary.compile(folder.plugin(name), COUNT + "void * ggml_backend_init(void) { count(); " + body + " }\n");
    }

    private ForkedJvm.Result load(String... options) throws IOException, InterruptedException {
        return folder.load(options);
    }

    @Test
    void pluginThatAbortsKillsTheJvmWithoutAProbeAndIsAMessageWithOne() throws Exception {
        compile("crash", ABORTS);
        ForkedJvm.Result without = load("-Dpanllama.probe=never");
        assertThat(new ExitStatus(without.exit()).signal()).as(without.output()).isEqualTo("SIGABRT");
        assertThat(folder.noted()).isEqualTo(1);

        ForkedJvm.Result with = load();
        assertThat(with.exit()).as(with.output()).isZero();
        assertThat(with.output())
                .contains("cpu variant ")
                .contains("not used: crash: the plugin ended the process that tried it, which was ended by SIGABRT")
                .contains("it last said: ")
                .contains("the driver is in a bad mood")
                .contains("-Dpanllama.probe=always");
        assertThat(folder.noted()).isEqualTo(2);
        folder.assertNothingLeft();
    }

    @Test
    void whatAProbeFoundIsKeptUntilThePluginChanges() throws Exception {
        compile("crash", ABORTS);
        assertThat(load().output()).contains("which was ended by SIGABRT");
        assertThat(load().output()).contains("which was ended by SIGABRT");
        assertThat(folder.noted()).isEqualTo(1);
        assertThat(load("-Dpanllama.probe=always").output()).contains("which was ended by SIGABRT");
        assertThat(folder.noted()).isEqualTo(2);

        compile("crash", DECLINES);
        assertThat(load().output()).contains("not used: crash: ").doesNotContain("SIGABRT");
        assertThat(folder.noted()).as("in the probe and in the process").isEqualTo(4);
        assertThat(load().output()).contains("not used: crash: ").doesNotContain("SIGABRT");
        assertThat(folder.noted()).as("in the process alone").isEqualTo(5);
    }

    @Test
    void pluginThatCrashesOrHangsIsLeftOut() throws Exception {
        compile("crash", CRASHES);
        assertThat(load().output()).contains("not used: crash: ").contains("which was ended by SIGSEGV");
        compile("crash", HANGS);
        assertThat(load("-Dpanllama.probe.seconds=3").output())
                .contains("not used: crash: the plugin did not answer within 3 s");
        folder.assertNothingLeft();
    }

    /** ggml itself takes plugins of the names it knows from the folder in which it looks for the CPU backend. */
    @Test
    void pluginThatGgmlWouldLoadByItselfIsLeftOutToo() throws Exception {
        compile("vulkan", ABORTS);
        ForkedJvm.Result result = load();
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output()).contains("not used: vulkan: ").contains("cpu " + folder.path());
        folder.assertNothingLeft();
    }

    @Test
    void nothingIsProbedWithoutAPlugin() throws Exception {
        ForkedJvm.Result result = load();
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(temp.resolve("cache")).doesNotExist();
    }

    @Test
    void unknownModeIsRefusedByName() throws Exception {
        assertThat(load("-Dpanllama.probe=perhaps").output())
                .contains("-Dpanllama.probe=perhaps: it is once, always or never");
    }
}
