package io.github.panllama;

/** How a vocabulary splits text into tokens. */
public enum VocabularyType {
    /** The model has no vocabulary. */
    NONE,
    /** SentencePiece with byte fallback, as in LLaMA. */
    SENTENCE_PIECE,
    /** Byte-level byte-pair encoding, as in GPT-2. */
    BYTE_PAIR,
    /** WordPiece, as in BERT. */
    WORD_PIECE,
    /** Unigram, as in T5. */
    UNIGRAM,
    /** The greedy tokenizer of RWKV. */
    RWKV,
    /** The Aho-Corasick tokenizer of PLaMo-2. */
    PLAMO2,
    /** For upstream's own tests. */
    TEST;

    static VocabularyType of(int code) {
        VocabularyType[] types = values();
        return code >= 0 && code < types.length ? types[code] : NONE;
    }
}
