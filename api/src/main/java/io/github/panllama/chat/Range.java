package io.github.panllama.chat;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Between what a number must be, bounds included; becomes {@code minimum} and {@code maximum} of the JSON schema. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER})
public @interface Range {
    /** The least; none, unless set. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The most; none, unless set. */
    double max() default Double.POSITIVE_INFINITY;
}
