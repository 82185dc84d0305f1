package io.github.panllama.json;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.jsontype.NamedType;

/** Tells Jackson what {@link SchemaMaker} says of the same types. */
final class BindingIntrospector extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        Class<?> type = annotated.getRawType();
        if (annotated instanceof AnnotatedClass && Union.isUnion(type)) {
            return JsonTypeInfo.Value.construct(
                    JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, Union.discriminator(type), null, false, true, null);
        }
        return super.findPolymorphicTypeInfo(config, annotated);
    }

    @Override
    public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
        Class<?> type = annotated.getRawType();
        if (annotated instanceof AnnotatedClass && Union.isUnion(type)) {
            return Union.members(type).stream()
                    .map(member -> new NamedType(member, member.getSimpleName()))
                    .toList();
        }
        return super.findSubtypes(config, annotated);
    }

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        RecordComponent component = component(member);
        return component == null ? super.hasRequiredMarker(config, member) : (Boolean) !Members.isOptional(component);
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
        RecordComponent component = component(annotated);
        return component == null || Members.isOptional(component)
                ? super.findSetterInfo(config, annotated)
                : JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL);
    }

    /** The component of a record that a parameter of its constructor is for. */
    private static @Nullable RecordComponent component(Annotated annotated) {
        if (annotated instanceof AnnotatedParameter parameter
                && parameter.getDeclaringClass().isRecord()
                && parameter.getDeclaringClass().getRecordComponents().length
                        == parameter.getOwner().getParameterCount()) {
            return parameter.getDeclaringClass().getRecordComponents()[parameter.getIndex()];
        }
        return null;
    }
}
