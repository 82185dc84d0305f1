package io.github.panllama.chat;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a text must look like; becomes the {@code pattern} of the JSON schema. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER})
public @interface Matches {
    /** A regular expression as ECMAScript has them, such as {@code ^[A-Z]{3}$}. */
    String value();
}
