package io.github.panllama.gpu;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a card is: domain, bus and device. CUDA writes four digits of the domain, NVML eight, in small letters or large
 * ones.
 */
record PciAddress(long domain, int bus, int device) {
    private static final Pattern FORM =
            Pattern.compile("(?:([0-9a-fA-F]{1,8}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})(?:\\.[0-7])?");
    private static final int HEX = 16;

    /** An address as it is written; empty for a text that is none. */
    static Optional<PciAddress> parse(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            return Optional.empty();
        }
        String domain = parts.group(1);
        return Optional.of(new PciAddress(
                domain == null ? 0 : Long.parseLong(domain, HEX),
                Integer.parseInt(parts.group(2), HEX),
                Integer.parseInt(parts.group(3), HEX)));
    }

    /** Whether both are addresses, and of the same place. */
    static boolean same(String one, String other) {
        Optional<PciAddress> address = parse(one);
        return address.isPresent() && address.equals(parse(other));
    }
}
