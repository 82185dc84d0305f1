package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.SamplerStage;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TriggerPatternsTest {
    @Test
    void aTextIsFoundAsItIs() {
        String text = "{\"type\": \"function\", a|b (c) [d] e.f \\ ^$ +*?}";
        Pattern pattern = Pattern.compile(TriggerPatterns.literally(text));
        assertThat(pattern.matcher(text).matches()).isTrue();
        assertThat(pattern.matcher(text.replace("e.f", "exf")).find()).isFalse();
    }

    /** The patterns of the formats in libllama-common. */
    @Test
    void repetitionsGetAnEnd() {
        for (String pattern : List.of(
                "^\\s+to$",
                "^<\\|channel\\|>(?:commentary|analysis)\\s+to=functions$",
                "<\\|start\\|>assistant(<\\|channel\\|>(?:commentary|analysis)\\s+to)",
                ">>>(?!all)",
                "(?:^|<\\|start\\|>assistant)( to=(?!self<\\|message\\|>)(?!user<\\|message\\|>)[^<]*?<\\|message\\|>)")) {
            String bounded = TriggerPatterns.bounded(pattern);
            Pattern.compile(bounded);
            // Refuses what has no end.
            assertThat(new SamplerStage.LazyGrammar("root ::= \"x\"", "root", List.of(bounded), List.of()))
                    .isNotNull();
        }
        assertThat(TriggerPatterns.bounded("^\\s+to$")).isEqualTo("^\\s{1,64}to$");
        assertThat(TriggerPatterns.bounded("[*+]\\*x*?")).isEqualTo("[*+]\\*x{0,64}?");
    }
}
