package io.github.panllama.chat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;

/**
 * The type {@code List<element>}.
 *
 * @param element the type of what is in the list
 */
record ListType(Type element) implements ParameterizedType {
    ListType {
        Objects.requireNonNull(element, "type");
    }

    @Override
    public Type[] getActualTypeArguments() {
        return new Type[] {element};
    }

    @Override
    public Type getRawType() {
        return List.class;
    }

    @Override
    @SuppressWarnings("NullAway") // as the interface has it for a type that is in no other
    public Type getOwnerType() {
        return null;
    }

    @Override
    public String toString() {
        return "java.util.List<" + element.getTypeName() + ">";
    }
}
