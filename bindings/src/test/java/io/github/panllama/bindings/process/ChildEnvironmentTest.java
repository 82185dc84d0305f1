package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChildEnvironmentTest {
    @Test
    void whatDriversReadIsInherited() {
        assertThat(ChildEnvironment.isInherited("PATH")).isTrue();
        assertThat(ChildEnvironment.isInherited("Path")).isTrue();
        assertThat(ChildEnvironment.isInherited("CUDA_VISIBLE_DEVICES")).isTrue();
        assertThat(ChildEnvironment.isInherited("LD_LIBRARY_PATH")).isTrue();
    }

    @Test
    void secretsAndOptionsOfTheJvmAreNot() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "DATABASE_PASSWORD",
                "x",
                "AWS_SECRET_ACCESS_KEY",
                "x",
                "JAVA_TOOL_OPTIONS",
                "x",
                "JDK_JAVA_OPTIONS",
                "x"));
        environment.put("HOME", "/home/somebody");
        ChildEnvironment.restrict(environment);
        assertThat(environment).containsOnlyKeys("HOME", "GGML_NO_BACKTRACE");
    }
}
