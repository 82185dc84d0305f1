package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.tinymodel.TinyModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere /proc does not tell of libraries")
class IsolatedParentTest {
    @Test
    void whoUsesAnIsolatedEngineLoadsNoNativeLibrary() throws Exception {
        String output =
                Fork.run(IsolatedParent.class, List.of(), TinyModel.path().toString());
        assertThat(output)
                .contains("libraries []")
                .contains("= 132")
                .contains("2 completed")
                .contains("tokens ");
    }
}
