package io.github.panllama.gguf;

import io.github.panllama.internal.TemplateNesting;

/** Chat templates: how long they are, and how deep they nest, which their parser follows on the stack. */
final class TemplateRules {
    private static final String TEMPLATE = "tokenizer.chat_template";

    private TemplateRules() {}

    static void check(ModelHeader header) {
        for (String key : header.first().metadata().asMap().keySet()) {
            if (key.equals(TEMPLATE) || key.startsWith(TEMPLATE + '.')) {
                header.text(key)
                        .ifPresent(template -> TemplateNesting.problem(template).ifPresent(problem -> {
                            throw header.invalid(key, problem);
                        }));
            }
        }
    }
}
