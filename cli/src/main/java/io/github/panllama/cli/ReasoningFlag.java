package io.github.panllama.cli;

import io.github.panllama.chat.Reasoning;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code on}, {@code off}, or the most tokens of it. */
final class ReasoningFlag implements ITypeConverter<Reasoning> {
    @Override
    public Reasoning convert(String text) {
        return switch (text) {
            case "on" -> Reasoning.on();
            case "off" -> Reasoning.off();
            default -> limited(text);
        };
    }

    private static Reasoning limited(String text) {
        try {
            return Reasoning.limited(Integer.parseInt(text));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is neither on nor off nor a number of tokens");
        }
    }
}
