package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import io.github.panllama.internal.worker.WorkerService;
import java.lang.reflect.Constructor;

/** Finds services of a worker in packages above the engine, which may not be named here. */
final class Services {
    private static final String CHAT = "io.github.panllama.chat.TemplateService";

    private Services() {}

    /** What renders a model's conversations, and reads its replies. */
    static WorkerService chat(LlamaModel model) {
        try {
            Constructor<?> constructor = Class.forName(CHAT).getDeclaredConstructor(LlamaModel.class);
            constructor.setAccessible(true);
            return (WorkerService) constructor.newInstance(model);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(CHAT + " is missing", e);
        }
    }
}
