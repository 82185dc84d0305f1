package io.github.panllama.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;

/** The members of records and methods. */
final class Members {
    private static final Set<Class<?>> OPTIONAL_NUMBERS =
            Set.of(OptionalInt.class, OptionalLong.class, OptionalDouble.class);

    private Members() {}

    /** The components of a record. */
    static List<Member> of(ObjectMapper mapper, JavaType type) {
        List<Member> members = new ArrayList<>();
        for (RecordComponent component : type.getRawClass().getRecordComponents()) {
            JavaType resolved =
                    mapper.getTypeFactory().resolveMemberType(component.getGenericType(), type.getBindings());
            members.add(new Member(name(component), resolved, isOptional(component), component));
        }
        return members;
    }

    /** The parameters of a method. */
    static List<Member> of(ObjectMapper mapper, Method method) {
        List<Member> members = new ArrayList<>();
        for (Parameter parameter : Objects.requireNonNull(method, "method").getParameters()) {
            if (!parameter.isNamePresent()) {
                throw new IllegalArgumentException(
                        "The names of the parameters of %s are not in its class file:".formatted(method)
                                + " compile with -parameters");
            }
            JavaType type = mapper.constructType(parameter.getParameterizedType());
            boolean optional = isOptional(type.getRawClass()) || isNullable(parameter, parameter.getAnnotatedType());
            members.add(new Member(parameter.getName(), type, optional, parameter));
        }
        return members;
    }

    static boolean isOptional(RecordComponent component) {
        return isOptional(component.getType())
                || isNullable(component, component.getAnnotatedType(), component.getAccessor());
    }

    private static boolean isOptional(Class<?> type) {
        return type == java.util.Optional.class || OPTIONAL_NUMBERS.contains(type);
    }

    /** Whoever's annotation it is: JSpecify's, Jakarta's and others have one name. */
    private static boolean isNullable(AnnotatedElement... elements) {
        return Stream.of(elements)
                .flatMap(element -> Stream.of(element.getAnnotations()))
                .map(Annotation::annotationType)
                .anyMatch(type -> type.getSimpleName().equals("Nullable"));
    }

    private static String name(RecordComponent component) {
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        return property == null || property.value().isEmpty() ? component.getName() : property.value();
    }
}
