package io.github.panllama;

import java.nio.file.Path;

/** Forgets a context without closing it, and lives until its memory is freed all the same. */
final class Leak {
    private Leak() {}

    /** Argument: the model. */
    public static void main(String[] args) {
        LlamaModel model = LlamaModel.load(Path.of(args[0]), TestModels.cpu().build());
        forget(model);
        model.close();
        // The context holds the model: when the closed model is freed, the context was.
        while (isHeld(model)) {
            System.gc();
            Thread.onSpinWait();
        }
        System.out.println("freed");
    }

    private static boolean isHeld(LlamaModel model) {
        try (Handle.Hold _ = model.handle().hold()) {
            return true;
        } catch (IllegalStateException freed) {
            return false;
        }
    }

    private static void forget(LlamaModel model) {
        LlamaContext context = model.newContext(TestModels.context(64).build());
        TestModels.evaluate(context, 0, 0, 1, 2, 3);
    }
}
