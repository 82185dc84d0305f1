package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizeCommandTest {
    private static final String MODEL = TestModels.llama().toString();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "Hello",
                "Hello, world\n",
                " leading and trailing ",
                "tabs\tand\r\nWindows\r\n",
                "nul \0 inside",
                "Grüße, 世界, 😀👩‍👩‍👧 é \u202e",
                "<|endoftext|> and <think>",
                "\ufefffirst a byte order mark",
            })
    void detokenizeIsTheReverse(String text) {
        CommandRun ids = CommandRun.withInput(text, "tokenize", "--model", MODEL);
        assertThat(ids.exitCode()).as(ids.err()).isZero();
        assertThat(ids.out()).matches("(\\d+( \\d+)*)?\n");
        CommandRun back = CommandRun.withInput(ids.out(), "detokenize", "--model", MODEL);
        assertThat(back.exitCode()).as(back.err()).isZero();
        assertThat(back.out()).isEqualTo(text);
    }

    @Test
    void aLineOfIdsForEachTextAndBack() {
        String stream = "one\n%%\n\n%%\ntwo\r\n\n%%\n三\n";
        CommandRun ids = CommandRun.withInput(stream, "tokenize", "--model", MODEL, "--separator", "%%");
        assertThat(ids.out())
                .isEqualTo(String.join("\n", encoded("one"), encoded(""), encoded("two\r\n"), encoded("三\n")) + "\n");
        CommandRun back = CommandRun.withInput(ids.out(), "detokenize", "--model", MODEL, "--separator", "%%");
        assertThat(back.out()).isEqualTo(stream);
        assertThat(CommandRun.withInput(ids.out(), "detokenize", "--model", MODEL)
                        .out())
                .isEqualTo("one\n\ntwo\r\n\n三\n");
    }

    @Test
    void specialTokensAreAddedOnlyWhenAskedFor() {
        String plain =
                CommandRun.withInput("Hello", "tokenize", "--model", MODEL).out();
        String special = CommandRun.withInput("Hello", "tokenize", "--model", MODEL, "--add-special")
                .out();
        assertThat(special).endsWith(" " + plain);
        assertThat(CommandRun.withInput(special, "detokenize", "--model", MODEL).out())
                .isEqualTo("<|bos|>Hello");
    }

    @Test
    void writtenOutSpecialTokensCanBePlainText() {
        String parsed = CommandRun.withInput("<|endoftext|>", "tokenize", "--model", MODEL)
                .out();
        String plain = CommandRun.withInput("<|endoftext|>", "tokenize", "--model", MODEL, "--no-parse-special")
                .out();
        assertThat(parsed).matches("\\d+\n");
        assertThat(plain).matches("\\d+( \\d+)+\n");
        assertThat(CommandRun.withInput(plain, "detokenize", "--model", MODEL).out())
                .isEqualTo("<|endoftext|>");
    }

    @Test
    void halfACharacterComesOutAsItsBytes() {
        // The first tokens of the vocabulary are the single bytes.
        CommandRun run = CommandRun.withInput("195\n", "detokenize", "--model", MODEL);
        assertThat(run.output()).containsExactly(195);
        assertThat(CommandRun.withInput("195 169", "detokenize", "--model", MODEL)
                        .out())
                .isEqualTo("é");
    }

    @Test
    void noLinesAreNoTexts() {
        assertThat(CommandRun.withInput("", "detokenize", "--model", MODEL).output())
                .isEmpty();
        assertThat(CommandRun.withInput("\n", "detokenize", "--model", MODEL).output())
                .isEmpty();
        assertThat(CommandRun.withInput("\n\n", "detokenize", "--model", MODEL).out())
                .isEqualTo("\n");
    }

    @Test
    void inputThatIsNotUtf8IsRefusedWithThePlace() {
        byte[] input = {'o', 'k', (byte) 0xc3, 'x'};
        CommandRun run = CommandRun.withInput(input, "tokenize", "--model", MODEL);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("0xC3").contains("offset 2");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void whatIsNoIdIsNamedWithItsLine() {
        CommandRun word = CommandRun.withInput("1 2\n3 x\n", "detokenize", "--model", MODEL);
        assertThat(word.exitCode()).isEqualTo(1);
        assertThat(word.err()).contains("Line 2").contains("'x'");
        CommandRun large = CommandRun.withInput("512\n", "detokenize", "--model", MODEL);
        assertThat(large.exitCode()).isEqualTo(1);
        assertThat(large.err()).contains("512").contains("0 to 511");
    }

    private static String encoded(String text) {
        try (LlamaModel model = LlamaModel.load(
                List.of(TestModels.llama()),
                ModelOptions.builder().vocabularyOnly(true).build())) {
            Tokenizer tokenizer = model.tokenizer();
            return TokenIds.format(tokenizer.encode(text, false, true));
        }
    }
}
