package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What a vocabulary says about a token. ({@code llama_token_attr}) */
public enum TokenAttribute {
    /** It stands for what the vocabulary does not know. */
    UNKNOWN(LlamaC.LLAMA_TOKEN_ATTR_UNKNOWN()),
    /** It is a place without use. */
    UNUSED(LlamaC.LLAMA_TOKEN_ATTR_UNUSED()),
    /** It is text. */
    NORMAL(LlamaC.LLAMA_TOKEN_ATTR_NORMAL()),
    /** It is a mark for the model. */
    CONTROL(LlamaC.LLAMA_TOKEN_ATTR_CONTROL()),
    /** The makers of the model added it to the trained vocabulary. */
    USER_DEFINED(LlamaC.LLAMA_TOKEN_ATTR_USER_DEFINED()),
    /** It is a single byte. */
    BYTE(LlamaC.LLAMA_TOKEN_ATTR_BYTE()),
    /** Text is normalised before it is compared with it. */
    NORMALIZED(LlamaC.LLAMA_TOKEN_ATTR_NORMALIZED()),
    /** It takes the spaces on its left. */
    LEFT_STRIP(LlamaC.LLAMA_TOKEN_ATTR_LSTRIP()),
    /** It takes the spaces on its right. */
    RIGHT_STRIP(LlamaC.LLAMA_TOKEN_ATTR_RSTRIP()),
    /** It matches whole words only. */
    SINGLE_WORD(LlamaC.LLAMA_TOKEN_ATTR_SINGLE_WORD());

    private final int bit;

    TokenAttribute(int bit) {
        this.bit = bit;
    }

    static Set<TokenAttribute> of(int bits) {
        EnumSet<TokenAttribute> attributes = EnumSet.noneOf(TokenAttribute.class);
        for (TokenAttribute attribute : values()) {
            if ((bits & attribute.bit) != 0) {
                attributes.add(attribute);
            }
        }
        return Collections.unmodifiableSet(attributes);
    }
}
