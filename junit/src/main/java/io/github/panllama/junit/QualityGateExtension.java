package io.github.panllama.junit;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Checks the gate of a class before its tests, and that of a method before it runs. */
final class QualityGateExtension implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(QualityGateExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        check(context, context.getTestClass());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        check(context, context.getTestMethod());
    }

    private static void check(ExtensionContext context, Optional<? extends AnnotatedElement> element) {
        AnnotationSupport.findAnnotation(element, QualityGate.class).ifPresent(gate -> {
            QualityReport report = QualityMeasurement.of(gate).run();
            context.getStore(NAMESPACE).put(QualityReport.class, report);
            QualityBounds.check(gate, report);
        });
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == QualityReport.class;
    }

    /** The report of the method's gate, else that of its class. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        QualityReport report = context.getStore(NAMESPACE).get(QualityReport.class, QualityReport.class);
        if (report == null) {
            throw new IllegalStateException("There is no QualityReport yet: a method with a @QualityGate may take it");
        }
        return report;
    }
}
