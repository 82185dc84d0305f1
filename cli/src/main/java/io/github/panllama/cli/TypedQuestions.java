package io.github.panllama.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Questions that a person types: with the keys of line editors, the questions before them at the arrow keys, and several
 * lines where a line ends with a backslash or the question stands between {@code """}.
 */
final class TypedQuestions implements Questions {
    private static final String QUOTES = "\"\"\"";

    private final org.jline.terminal.Terminal terminal;
    private final LineReader reader;
    private final Runnable interrupted;

    private TypedQuestions(org.jline.terminal.Terminal terminal, Runnable interrupted) {
        this.terminal = terminal;
        this.interrupted = interrupted;
        reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("panllama")
                .parser(new QuestionParser())
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.DISABLE_HIGHLIGHTER, true)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "… ")
                .build();
        // The reader takes the signal while it reads, and gives it back.
        terminal.handle(org.jline.terminal.Terminal.Signal.INT, signal -> interrupted.run());
    }

    /**
     * Questions of the terminal of this process, if it has one that can be steered.
     *
     * @param interrupted what Ctrl-C does
     */
    static Optional<Questions> of(Terminal terminal, Runnable interrupted) {
        if (!terminal.isTyped()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TypedQuestions(
                    TerminalBuilder.builder()
                            .system(true)
                            // By the system's commands: the other ways need more native code.
                            .provider("exec")
                            .dumb(false)
                            .systemOutput(TerminalBuilder.SystemOutput.SysErrOrSysOut)
                            .build(),
                    interrupted));
        } catch (IOException | IllegalStateException e) {
            // Lines will do.
            return Optional.empty();
        }
    }

    @Override
    public @Nullable String next() {
        while (true) {
            try {
                return plain(reader.readLine("> "));
            } catch (UserInterruptException e) {
                interrupted.run();
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    /** The question without what joins its lines. */
    private static String plain(String typed) {
        String text = typed.strip();
        if (text.startsWith(QUOTES)) {
            String inside = text.substring(QUOTES.length());
            return (inside.endsWith(QUOTES) ? inside.substring(0, inside.length() - QUOTES.length()) : inside).strip();
        }
        return typed.replace("\\\n", "\n");
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }

    /** A whole question is one word; it goes on in the next line where it is not whole. */
    private static final class QuestionParser implements Parser {
        @Override
        public ParsedLine parse(String line, int cursor, ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE && !isWhole(line)) {
                throw new EOFError(-1, -1, "the question goes on");
            }
            return new Question(line, cursor);
        }

        private static boolean isWhole(String line) {
            String text = line.strip();
            if (text.startsWith(QUOTES)) {
                return text.length() >= 2 * QUOTES.length() && text.endsWith(QUOTES);
            }
            return !line.endsWith("\\");
        }
    }

    /** A line that is one word. */
    private record Question(String line, int cursor) implements CompletingParsedLine {
        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return cursor;
        }

        @Override
        public int rawWordLength() {
            return line.length();
        }

        @Override
        public String word() {
            return line;
        }

        @Override
        public int wordCursor() {
            return cursor;
        }

        @Override
        public int wordIndex() {
            return 0;
        }

        @Override
        public List<String> words() {
            return List.of(line);
        }
    }
}
