package io.github.panllama.json;

import java.lang.reflect.AnnotatedElement;
import tools.jackson.databind.JavaType;

/**
 * A component of a record, or a parameter of a method.
 *
 * @param name of the JSON property
 * @param type what it holds
 * @param optional whether it may be left out
 * @param annotations what stands at it
 */
record Member(String name, JavaType type, boolean optional, AnnotatedElement annotations) {}
