package io.github.panllama.json;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sealed interfaces and classes: which records they are, and the property that says which. */
final class Union {
    private Union() {}

    static boolean isUnion(Class<?> type) {
        return type.isSealed() && Modifier.isAbstract(type.getModifiers()) && !type.isEnum();
    }

    /** The records that a sealed type permits, those of sealed types within too. */
    static List<Class<?>> members(Class<?> union) {
        List<Class<?>> members = new ArrayList<>();
        for (Class<?> permitted : union.getPermittedSubclasses()) {
            if (isUnion(permitted)) {
                members.addAll(members(permitted));
            } else if (permitted.isRecord()) {
                members.add(permitted);
            } else {
                throw new IllegalArgumentException("%s permits %s, which is neither a record nor sealed"
                        .formatted(union.getName(), permitted.getName()));
            }
        }
        long names = members.stream().map(Class::getSimpleName).distinct().count();
        if (names < members.size()) {
            throw new IllegalArgumentException("%s permits two records of one name".formatted(union.getName()));
        }
        return members;
    }

    /** The property that tells the records apart. */
    static String discriminator(Class<?> union) {
        boolean taken = members(union).stream()
                .flatMap(member -> Arrays.stream(member.getRecordComponents()))
                .anyMatch(component -> component.getName().equals("type"));
        return taken ? "@type" : "type";
    }
}
