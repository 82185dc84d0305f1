package io.github.panllama;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.github.panllama.bindings.NativeRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of the design: who may know whom, and what may show. */
class ArchitectureTest {
    private static final String API = "io.github.panllama";
    private static final String BINDINGS = API + ".bindings";
    private static final String GGUF = API + ".gguf";
    private static final String INTERNAL = "io.github.panllama.internal";
    private static final String SYNTHETIC = API + ".synthetic";

    /** The methods that need --enable-native-access. */
    private static final Set<String> RESTRICTED = Set.of(
            "java.lang.System.load",
            "java.lang.System.loadLibrary",
            "java.lang.Runtime.load",
            "java.lang.Runtime.loadLibrary",
            "java.lang.foreign.MemorySegment.reinterpret",
            "java.lang.foreign.AddressLayout.withTargetLayout",
            "java.lang.foreign.Linker.downcallHandle",
            "java.lang.foreign.Linker.upcallStub",
            "java.lang.foreign.SymbolLookup.libraryLookup",
            "java.lang.ModuleLayer$Controller.enableNativeAccess");

    private static JavaClasses api;
    private static JavaClasses all;

    @BeforeAll
    static void read() {
        api = new ClassFileImporter().importUrl(Fork.rootUrl(LlamaModel.class));
        all = new ClassFileImporter()
                .importUrls(List.of(Fork.rootUrl(LlamaModel.class), Fork.rootUrl(NativeRuntime.class)));
        assertThat(api.contain(LlamaModel.class)).isTrue();
        assertThat(all.contain(NativeRuntime.class)).isTrue();
    }

    @Test
    void packagesOfTheApiHaveNoCircles() {
        SliceAssignment byPackage = new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                boolean ours = type.getPackageName().startsWith(API)
                        && !type.getPackageName().startsWith(BINDINGS);
                return ours ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "each package of the API";
            }
        };
        slices().assignedFrom(byPackage).should().beFreeOfCycles().check(api);
    }

    @Test
    void ggufKnowsNothingOfOurs() {
        noClasses()
                .that()
                .resideInAPackage(GGUF)
                .should()
                .dependOnClassesThat(resideInAPackage(API + "..")
                        .and(describe(
                                "outside gguf and the helpers",
                                type -> !type.getPackageName().equals(GGUF)
                                        && !type.getPackageName().equals(INTERNAL))))
                .check(api);
    }

    @Test
    void syntheticModelsKnowGgufAndTheNamesOfTypesAlone() {
        noClasses()
                .that()
                .resideInAPackage(SYNTHETIC)
                .should()
                .dependOnClassesThat(resideInAPackage(API + "..").and(describe("outside gguf", type -> {
                    String name = type.getPackageName();
                    return !name.equals(GGUF)
                            && !name.equals(SYNTHETIC)
                            && !type.isEquivalentTo(QuantizationType.class)
                            && !type.isEquivalentTo(ProgressListener.class);
                })))
                .check(api);
    }

    @Test
    void bindingsDoNotKnowTheApi() {
        classes()
                .that()
                .resideInAPackage(BINDINGS + "..")
                .should()
                .onlyDependOnClassesThat(describe(
                        "are not of the API",
                        type -> !type.getPackageName().startsWith(API)
                                || type.getPackageName().startsWith(BINDINGS)))
                .check(all);
    }

    @Test
    void onlyBindingsCallRestrictedMethods() {
        List<String> offenders = new ArrayList<>();
        boolean seenInBindings = false;
        for (JavaClass type : all) {
            for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
                if (RESTRICTED.contains(call.getTargetOwner().getName() + "." + call.getName())) {
                    if (type.getPackageName().startsWith(BINDINGS)) {
                        seenInBindings = true;
                    } else {
                        offenders.add(call.getDescription());
                    }
                }
            }
        }
        assertThat(offenders).isEmpty();
        assertThat(seenInBindings).as("the rule sees such calls").isTrue();
    }

    @Test
    void noPublicSignatureShowsMemoryOrBindings() {
        Set<String> offenders = new TreeSet<>();
        int seen = 0;
        for (JavaClass type : api) {
            boolean exported = !type.getPackageName().startsWith(BINDINGS)
                    && !type.getPackageName().startsWith(INTERNAL);
            if (!isPublic(type) || !exported) {
                continue;
            }
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                if (isShown(unit.getModifiers())) {
                    seen++;
                    Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream())
                            .flatMap(shown -> shown.getAllInvolvedRawTypes().stream())
                            .filter(ArchitectureTest::isHidden)
                            .forEach(hidden -> offenders.add(unit.getFullName() + " shows " + hidden.getName()));
                }
            }
            type.getFields().stream()
                    .filter(field -> isShown(field.getModifiers()) && isHidden(field.getRawType()))
                    .forEach(field -> offenders.add(field.getFullName()));
            type.getAllRawSuperclasses().stream()
                    .filter(ArchitectureTest::isHidden)
                    .forEach(parent -> offenders.add(type.getName() + " extends " + parent.getName()));
        }
        assertThat(offenders).isEmpty();
        assertThat(seen).isGreaterThan(300);
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }

    private static boolean isShown(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static boolean isHidden(JavaClass type) {
        return type.getPackageName().equals("java.lang.foreign")
                || type.getPackageName().startsWith(BINDINGS);
    }

    @Test
    void theModuleExportsItsPublicPackagesAndKeepsBindingsToItself() throws IOException {
        ModuleDescriptor module;
        URI descriptor = URI.create(Fork.rootUrl(LlamaModel.class) + "module-info.class");
        try (InputStream in = descriptor.toURL().openStream()) {
            module = ModuleDescriptor.read(in);
        }
        assertThat(module.name()).isEqualTo(API);
        assertThat(module.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .contains(API, API + ".chat", GGUF, SYNTHETIC);
        assertThat(module.exports())
                .allSatisfy(export -> assertThat(export.source()).doesNotContain("internal"));
        assertThat(module.requires())
                .filteredOn(it -> it.name().equals(BINDINGS))
                .singleElement()
                .satisfies(
                        it -> assertThat(it.modifiers()).doesNotContain(ModuleDescriptor.Requires.Modifier.TRANSITIVE));
    }
}
