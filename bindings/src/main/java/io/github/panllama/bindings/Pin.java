package io.github.panllama.bindings;

/** What the generated bindings were made from. {@code bindings/regenerate} and {@code native/} use the same release. */
final class Pin {
    /** The llama.cpp release whose headers jextract read. */
    static final String RELEASE = "0.5.0";

    /** The major version of the CUDA runtime that the CUDA plugin of this release is linked against. */
    static final int CUDA_MAJOR = 13;

    private Pin() {}
}
