package io.github.panllama;

/**
 * Decodes tokens that arrive one by one, as text that goes on after a prompt. It never gives out half a character: bytes
 * wait until the character is whole. All that it gives out, joined, is the text of all the tokens.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class StreamingDecoder {
    private final Tokenizer tokenizer;
    private final boolean special;
    private final Utf8Decoder utf8 = new Utf8Decoder();

    StreamingDecoder(Tokenizer tokenizer, boolean special) {
        this.tokenizer = tokenizer;
        this.special = special;
    }

    /** Takes a token and answers the text that is whole by now; often that of the token, sometimes empty. */
    public String append(int token) {
        Check.index("token", token, tokenizer.size());
        if (!special) {
            String text = utf8.isEmpty() ? tokenizer.pieces().text(token) : null;
            if (text != null) {
                return text;
            }
        }
        return utf8.append(tokenizer.piece(token, special));
    }

    /** Ends the text: bytes that still wait become U+FFFD. The decoder is then as new. */
    public String finish() {
        return utf8.finish();
    }
}
