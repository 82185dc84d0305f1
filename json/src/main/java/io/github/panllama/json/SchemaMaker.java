package io.github.panllama.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.panllama.chat.Description;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes JSON schemas of Java types. What contains itself is defined once, under {@code $defs}; all else stands in place. */
final class SchemaMaker {
    private static final int MAX_DEPTH = 60;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final ObjectMapper mapper;

    /** Types that contain themselves, with their names. */
    private final Map<JavaType, String> recursive = new HashMap<>();

    private final ObjectNode definitions = NODES.objectNode();

    private SchemaMaker(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    static ObjectNode ofType(ObjectMapper mapper, JavaType type) {
        SchemaMaker maker = new SchemaMaker(mapper);
        maker.findRecursive(type, new LinkedHashSet<>(), new HashSet<>());
        return maker.complete(maker.described(maker.inPlace(type), null, type.getRawClass()));
    }

    static ObjectNode ofParameters(ObjectMapper mapper, List<Member> parameters) {
        SchemaMaker maker = new SchemaMaker(mapper);
        parameters.forEach(member -> maker.findRecursive(member.type(), new LinkedHashSet<>(), new HashSet<>()));
        return maker.complete(maker.object(parameters, null, null));
    }

    private ObjectNode complete(ObjectNode schema) {
        if (!definitions.isEmpty()) {
            schema.set("$defs", definitions);
        }
        return schema;
    }

    // ---- what contains what ----

    private void findRecursive(JavaType type, SequencedSet<JavaType> open, Set<JavaType> done) {
        if (open.contains(type)) {
            recursive.computeIfAbsent(type, this::definitionName);
            return;
        }
        if (!done.add(type)) {
            return;
        }
        if (open.size() > MAX_DEPTH) {
            throw new IllegalArgumentException("The type %s cannot be bound: types nest deeper than %d"
                    .formatted(open.getFirst().toCanonical(), MAX_DEPTH));
        }
        open.add(type);
        contents(type).forEach(content -> findRecursive(content, open, done));
        open.remove(type);
    }

    private String definitionName(JavaType type) {
        String simple = type.getRawClass().getSimpleName().replaceAll("[^A-Za-z0-9]", "");
        String name = simple;
        for (int i = 2; recursive.containsValue(name); i++) {
            name = simple + i;
        }
        return name;
    }

    private List<JavaType> contents(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (LeafSchemas.of(raw) != null || raw.isEnum()) {
            return List.of();
        }
        if (Union.isUnion(raw)) {
            return Union.members(raw).stream()
                    .map(member -> member(type, member))
                    .toList();
        }
        if (raw.isRecord()) {
            return Members.of(mapper, type).stream().map(Member::type).toList();
        }
        JavaType content = type.isReferenceType() ? type.getReferencedType() : type.getContentType();
        return content == null ? List.of() : List.of(content);
    }

    private JavaType member(JavaType union, Class<?> member) {
        return mapper.getTypeFactory().constructSpecializedType(union, member);
    }

    // ---- schemas ----

    private ObjectNode schema(JavaType type) {
        String name = recursive.get(type);
        if (name == null) {
            return inPlace(type);
        }
        if (!definitions.has(name)) {
            definitions.set(name, NODES.objectNode());
            definitions.set(name, described(inPlace(type), null, type.getRawClass()));
        }
        return NODES.objectNode().put("$ref", "#/$defs/" + name);
    }

    private ObjectNode inPlace(JavaType type) {
        Class<?> raw = type.getRawClass();
        ObjectNode leaf = LeafSchemas.of(raw);
        if (leaf != null) {
            return leaf;
        }
        if (raw.isEnum()) {
            return constants(raw);
        }
        if (Union.isUnion(raw)) {
            return union(type);
        }
        if (raw.isRecord()) {
            return object(Members.of(mapper, type), null, null);
        }
        if (type.isMapLikeType()) {
            return map(type);
        }
        if (raw == java.util.Optional.class) {
            return element(type.getReferencedType());
        }
        boolean bytes = raw == byte[].class || raw == char[].class;
        if (!bytes && (type.isArrayType() || type.isCollectionLikeType())) {
            ObjectNode array = NODES.objectNode().put("type", "array");
            array.set("items", element(type.getContentType()));
            return array;
        }
        throw new IllegalArgumentException(
                "The type %s cannot be bound: it is no record, enum, sealed interface, list, map, text, number or time"
                        .formatted(type.toCanonical()));
    }

    /** A schema in a place where no member describes it. */
    private ObjectNode element(JavaType type) {
        return described(schema(type), null, type.getRawClass());
    }

    private ObjectNode object(List<Member> members, @Nullable String discriminator, @Nullable String value) {
        ObjectNode schema = NODES.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = NODES.arrayNode();
        if (discriminator != null) {
            properties.putObject(discriminator).put("const", value);
            required.add(discriminator);
        }
        for (Member member : members) {
            ObjectNode property = schema(member.type());
            Constraints.apply(property, member);
            properties.set(
                    member.name(),
                    described(property, member.annotations(), member.type().getRawClass()));
            if (!member.optional()) {
                required.add(member.name());
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        return schema.put("additionalProperties", false);
    }

    private ObjectNode union(JavaType type) {
        Class<?> raw = type.getRawClass();
        ObjectNode schema = NODES.objectNode();
        ArrayNode alternatives = schema.putArray("anyOf");
        for (Class<?> member : Union.members(raw)) {
            List<Member> members = Members.of(mapper, member(type, member));
            alternatives.add(
                    described(object(members, Union.discriminator(raw), member.getSimpleName()), null, member));
        }
        return schema;
    }

    private ObjectNode map(JavaType type) {
        ObjectNode schema = NODES.objectNode().put("type", "object");
        Class<?> key = type.getKeyType().getRawClass();
        ObjectNode value = element(type.getContentType());
        if (key.isEnum()) {
            ObjectNode properties = schema.putObject("properties");
            constantNames(key).forEach(name -> properties.set(name, value.deepCopy()));
            return schema.put("additionalProperties", false);
        }
        if (key != String.class) {
            throw new IllegalArgumentException(
                    "The type %s cannot be bound: the keys of a map must be texts or of an enum"
                            .formatted(type.toCanonical()));
        }
        schema.set("additionalProperties", value);
        return schema;
    }

    private static ObjectNode constants(Class<?> type) {
        ObjectNode schema = NODES.objectNode();
        Object[] constants = type.getEnumConstants();
        List<@Nullable String> descriptions = new ArrayList<>();
        for (Object constant : constants) {
            Description description = field(type, constant).getAnnotation(Description.class);
            descriptions.add(description == null ? null : description.value());
        }
        List<String> names = constantNames(type);
        if (descriptions.stream().allMatch(text -> text == null)) {
            ArrayNode values = schema.put("type", "string").putArray("enum");
            names.forEach(values::add);
            return schema;
        }
        ArrayNode alternatives = schema.putArray("anyOf");
        for (int i = 0; i < names.size(); i++) {
            ObjectNode alternative = alternatives.addObject().put("const", names.get(i));
            String description = descriptions.get(i);
            if (description != null) {
                alternative.put("description", description);
            }
        }
        return schema;
    }

    private static List<String> constantNames(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            JsonProperty property = field(type, constant).getAnnotation(JsonProperty.class);
            boolean own = property == null || property.value().isEmpty();
            names.add(own ? ((Enum<?>) constant).name() : property.value());
        }
        return names;
    }

    private static java.lang.reflect.Field field(Class<?> type, Object constant) {
        try {
            return type.getField(((Enum<?>) constant).name());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("an enum without the field of a constant", e);
        }
    }

    /** Says first what it is for: in the words at the place, else in those at the type. */
    private ObjectNode described(ObjectNode schema, @Nullable AnnotatedElement place, Class<?> type) {
        Description description = place == null ? null : place.getAnnotation(Description.class);
        boolean reference = schema.has("$ref");
        if (description == null && !reference) {
            description = type.getAnnotation(Description.class);
        }
        if (description == null || (place == null && schema.has("description"))) {
            return schema;
        }
        ObjectNode described = NODES.objectNode().put("description", description.value());
        schema.remove("description");
        described.setAll(schema);
        return described;
    }
}
