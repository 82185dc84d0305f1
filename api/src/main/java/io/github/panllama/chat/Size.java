package io.github.panllama.chat;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How many characters a text must have, or elements a list; becomes {@code minLength} and {@code maxLength}, or
 * {@code minItems} and {@code maxItems}, of the JSON schema.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER})
public @interface Size {
    /** The least; 0, unless set. */
    int min() default 0;

    /** The most, up to 2,000; without an end, unless set. */
    int max() default Integer.MAX_VALUE;
}
