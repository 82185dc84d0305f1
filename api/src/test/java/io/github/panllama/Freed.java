package io.github.panllama;

/** Whether native memory is gone, which is no part of the API. */
public final class Freed {
    private Freed() {}

    /** Whether an adapter was closed and no context applies it any more. */
    public static boolean isFreed(LoraAdapter adapter) {
        try (Handle.Hold _ = adapter.handle().hold()) {
            return false;
        } catch (IllegalStateException freed) {
            return true;
        }
    }
}
