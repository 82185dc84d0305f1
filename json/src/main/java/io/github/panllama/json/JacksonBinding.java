package io.github.panllama.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.panllama.chat.JsonBinding;
import io.github.panllama.chat.StructuredOutputException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Binds records, enums, sealed interfaces, lists, sets, maps, arrays, {@code Optional}, numbers, texts, {@code java.time}
 * and {@code UUID} to JSON, by Jackson. {@code JsonBinding.load()} finds it.
 *
 * <p>A record is an object that has its components and nothing else. One that is {@code @Nullable} or {@code Optional}
 * may be left out. An interface that is sealed is one of the records that it permits, and a property {@code type}, or
 * {@code @type} where a record has one of its own, says which. Types that contain themselves are referred to.
 *
 * <p>On the module path, the packages of records must be open to {@code tools.jackson.databind}.
 *
 * <p><b>Threads.</b> May be shared.
 */
public final class JacksonBinding implements JsonBinding {
    private final JsonMapper mapper = JsonMapper.builder()
            .annotationIntrospector(new BindingIntrospector())
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .build();

    /** A binding of its own; all are alike. */
    public JacksonBinding() {}

    @Override
    public String schema(Type type) {
        return SchemaMaker.ofType(mapper, mapper.constructType(Objects.requireNonNull(type, "type")))
                .toString();
    }

    @Override
    public String schema(Method method) {
        return SchemaMaker.ofParameters(mapper, Members.of(mapper, method)).toString();
    }

    @Override
    public Object read(String json, Type type) {
        Objects.requireNonNull(json, "json");
        JavaType target = mapper.constructType(Objects.requireNonNull(type, "type"));
        Object value = reading(json, type.getTypeName(), () -> mapper.readValue(json, target));
        if (value == null) {
            throw failure(json, type.getTypeName(), "it is null", new NullPointerException("null"));
        }
        return value;
    }

    @Override
    public List<@Nullable Object> read(String json, Method method) {
        Objects.requireNonNull(json, "json");
        List<Member> members = Members.of(mapper, method);
        String what = "the arguments of " + method.getName();
        JsonNode node = reading(json, what, () -> mapper.readTree(json));
        if (node == null || !node.isObject()) {
            throw failure(json, what, "it is no object", new IllegalArgumentException(json));
        }
        Set<String> left = new HashSet<>(node.propertyNames());
        List<@Nullable Object> arguments = new ArrayList<>();
        for (Member member : members) {
            left.remove(member.name());
            arguments.add(argument(json, what, member, node.get(member.name())));
        }
        if (!left.isEmpty()) {
            throw failure(json, what, "there is no parameter " + left, new IllegalArgumentException(json));
        }
        return arguments;
    }

    private @Nullable Object argument(String json, String what, Member member, @Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            if (!member.optional()) {
                throw failure(json, what, member.name() + " is missing", new IllegalArgumentException(json));
            }
            JavaType type = member.type();
            return type.isReferenceType() ? reading("null", what, () -> mapper.readValue("null", type)) : null;
        }
        return reading(json, what, () -> mapper.treeToValue(node, member.type()));
    }

    @Override
    public String write(@Nullable Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "A %s cannot be written as JSON: %s"
                            .formatted(value == null ? "null" : value.getClass().getName(), e.getOriginalMessage()),
                    e);
        }
    }

    /** Something that reads. */
    private interface Reading<T> {
        @Nullable
        T read();
    }

    private static <T> @Nullable T reading(String json, String what, Reading<T> reading) {
        try {
            return reading.read();
        } catch (InvalidDefinitionException e) {
            throw new IllegalArgumentException("%s cannot be bound: %s".formatted(what, e.getOriginalMessage()), e);
        } catch (JacksonException e) {
            String place = e.getPathReference();
            throw failure(json, what, e.getOriginalMessage() + (place.isEmpty() ? "" : ", at " + place), e);
        }
    }

    private static StructuredOutputException failure(String json, String what, String reason, Exception cause) {
        return new StructuredOutputException("The text is not %s: %s".formatted(what, reason), json, cause);
    }
}
