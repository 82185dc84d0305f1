package io.github.panllama.bindings;

import io.github.panllama.bindings.FatBinaries.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a CUDA plugin has code for the cards that are there: machine code for the chip, or PTX that the driver can compile
 * for it. A driver compiles the PTX of its own CUDA and of older ones, and no newer: what NVIDIA says of minor versions
 * that go together does not hold for PTX.
 */
final class CudaFit {
    /** Of PTX before 9 each driver knows that serves CUDA 13. */
    private static final int FIRST_PTX = 90;

    private static final int FIRST_CUDA = 13_000;

    /** The oldest chip that CUDA 13 makes code for. */
    private static final int OLDEST_CHIP = 75;

    private CudaFit() {}

    /**
     * Why a plugin cannot compute on a card that the driver shows.
     *
     * @return the reason, and the ways out; {@code null} if nothing is known to be wrong
     */
    static @Nullable String fault(Path plugin, CudaDriver driver) {
        try {
            Set<Set<Code>> codes = FatBinaries.read(plugin);
            for (CudaDriver.Card card : driver.cards()) {
                String fault = fault(codes, card, driver.version());
                if (fault != null) {
                    return fault;
                }
            }
            return null;
        } catch (IOException e) {
            return null; // whoever loads it tells
        }
    }

    static @Nullable String fault(Set<Set<Code>> codes, CudaDriver.Card card, int driver) {
        for (Set<Code> alike : codes) {
            if (alike.stream().anyMatch(code -> code.isMachineCode() && code.runsOn(card.chip()))) {
                continue;
            }
            Optional<Code> ptx = alike.stream()
                    .filter(code -> !code.isMachineCode() && code.runsOn(card.chip()))
                    .min(Comparator.comparingInt(Code::ptx));
            if (ptx.isEmpty()) {
                return "the plugin has no code for %s (compute capability %s), but for %s. %s"
                        .formatted(card.name(), card.capability(), chips(alike), ways(card, driver));
            }
            int needed = cudaOf(ptx.get().ptx());
            if (needed > driver) {
                return ("the plugin has no machine code for %s (compute capability %s), and the driver, of CUDA %s, cannot"
                                + " compile its PTX %d.%d: that takes CUDA %s. Install a driver of CUDA %s%s. %s")
                        .formatted(
                                card.name(),
                                card.capability(),
                                text(driver),
                                ptx.get().ptx() / 10,
                                ptx.get().ptx() % 10,
                                text(needed),
                                text(needed),
                                needed == 13_010 ? " (590 or newer)" : " or newer",
                                ways(card, driver));
            }
        }
        return null;
    }

    private static int cudaOf(int ptx) {
        return ptx < FIRST_PTX ? FIRST_CUDA : FIRST_CUDA + (ptx - FIRST_PTX) * 10;
    }

    private static String text(int cuda) {
        return "%d.%d".formatted(cuda / 1000, cuda % 1000 / 10);
    }

    private static String chips(Set<Code> codes) {
        return codes.stream().map(Code::chip).collect(Collectors.toCollection(TreeSet::new)).stream()
                .map(chip -> "%d.%d".formatted(chip / 10, chip % 10))
                .collect(Collectors.joining(", "));
    }

    private static String ways(CudaDriver.Card card, int driver) {
        if (card.chip() < OLDEST_CHIP) {
            return "CUDA %d has given that chip up. CUDA_VISIBLE_DEVICES hides the card, so that others serve"
                    .formatted(Pin.CUDA_MAJOR);
        }
        return ("A plugin for this chip can be built from source, with nvcc of CUDA %s or older of %d:"
                        + " mvn package -pl native -Pllama-source -Dcuda.architectures=%d-real (docs/gpu/README.md)."
                        + " CUDA_VISIBLE_DEVICES hides a card from it")
                .formatted(text(driver), Pin.CUDA_MAJOR, card.chip());
    }
}
