package io.github.panllama.gpu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that compute on a {@link Card}. Without one they are skipped, or fail under {@code panllama.gpu.required}. */
@Tag("gpu")
@ExtendWith(CardCondition.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface OnCard {}
