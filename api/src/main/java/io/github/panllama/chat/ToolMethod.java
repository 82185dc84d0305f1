package io.github.panllama.chat;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes a method a {@link Tool}. Its parameters are the arguments; {@link Description} tells what they are for. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ToolMethod {
    /** A word; the method's own name, unless set. */
    String name() default "";

    /** For the model: what it does. */
    String description();
}
