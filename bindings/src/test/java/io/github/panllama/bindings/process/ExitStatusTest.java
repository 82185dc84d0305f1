package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitStatusTest {
    @Test
    void signalsOfUnixAreNamed() {
        assertThat(new ExitStatus(139).signal("Linux")).isEqualTo("SIGSEGV");
        assertThat(new ExitStatus(134).signal("Linux")).isEqualTo("SIGABRT");
        assertThat(new ExitStatus(137).signal("Mac OS X")).isEqualTo("SIGKILL");
        assertThat(new ExitStatus(135).signal("Linux")).isEqualTo("SIGBUS");
        assertThat(new ExitStatus(138).signal("Mac OS X")).isEqualTo("SIGBUS");
        assertThat(new ExitStatus(138).signal("Linux")).isEqualTo("signal 10");
    }

    @Test
    void exitCodesAreNoSignals() {
        assertThat(new ExitStatus(0).signal("Linux")).isNull();
        assertThat(new ExitStatus(3).signal("Linux")).isNull();
        assertThat(new ExitStatus(128).signal("Linux")).isNull();
        assertThat(new ExitStatus(256).signal("Linux")).isNull();
        assertThat(new ExitStatus(1).signal("Windows 11")).isNull();
    }

    @Test
    void exceptionsOfWindowsAreNamed() {
        assertThat(new ExitStatus(0xC0000005).signal("Windows 11")).isEqualTo("EXCEPTION_ACCESS_VIOLATION");
        assertThat(new ExitStatus(139).signal("Windows 11")).isNull();
    }

    @Test
    void descriptionsTellWhatUsuallyLiesBehindThem() {
        assertThat(new ExitStatus(3).description()).contains("Java heap");
        assertThat(new ExitStatus(7).description()).isEqualTo("ended with exit code 7");
    }
}
