package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.cuda.CudaC;
import io.github.panllama.bindings.gen.cuda.cuda_attribute_function;
import io.github.panllama.bindings.gen.cuda.cuda_index_function;
import io.github.panllama.bindings.gen.cuda.cuda_init_function;
import io.github.panllama.bindings.gen.cuda.cuda_name_function;
import io.github.panllama.bindings.gen.cuda.cuda_number_function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What NVIDIA's driver says of itself and of the cards that this process may use. Asking wakes it, so it is done only where
 * that may go wrong.
 *
 * @param version of which CUDA it is: 13010 is 13.1
 * @param cards what it shows, in its order
 */
record CudaDriver(int version, List<Card> cards) {
    private static final int NAME_BYTES = 256;

    /**
     * A card.
     *
     * @param name such as {@code NVIDIA H100 80GB HBM3}
     * @param chip its compute capability, of which 90 is 9.0
     */
    record Card(String name, int chip) {
        String capability() {
            return "%d.%d".formatted(chip / 10, chip % 10);
        }
    }

    /** Asks the library of that name; empty where it cannot be opened, or does not answer. */
    static Optional<CudaDriver> ask(String library) {
        try (Arena arena = Arena.ofConfined()) {
            return new Questions(SymbolLookup.libraryLookup(library, Arena.global()), arena).all();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An answer that is none. */
    private static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1;
    }

    private static final class Questions {
        private final SymbolLookup symbols;
        private final MemorySegment number;
        private final MemorySegment name;

        Questions(SymbolLookup symbols, Arena arena) {
            this.symbols = symbols;
            this.number = arena.allocate(ValueLayout.JAVA_INT);
            this.name = arena.allocate(NAME_BYTES);
        }

        Optional<CudaDriver> all() {
            try {
                check(cuda_init_function.invoke(function("cuInit"), 0));
                int version = number("cuDriverGetVersion");
                int count = number("cuDeviceGetCount");
                List<Card> cards = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    check(cuda_index_function.invoke(function("cuDeviceGet"), number, i));
                    cards.add(card(number.get(ValueLayout.JAVA_INT, 0)));
                }
                return Optional.of(new CudaDriver(version, List.copyOf(cards)));
            } catch (NoAnswer e) {
                return Optional.empty();
            }
        }

        private Card card(int device) throws NoAnswer {
            check(cuda_name_function.invoke(function("cuDeviceGetName"), name, NAME_BYTES, device));
            int major = attribute(CudaC.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR(), device);
            int minor = attribute(CudaC.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR(), device);
            return new Card(Objects.requireNonNullElse(Pointers.string(name), ""), major * 10 + minor);
        }

        private int attribute(int attribute, int device) throws NoAnswer {
            check(cuda_attribute_function.invoke(function("cuDeviceGetAttribute"), number, attribute, device));
            return number.get(ValueLayout.JAVA_INT, 0);
        }

        private int number(String function) throws NoAnswer {
            check(cuda_number_function.invoke(function(function), number));
            return number.get(ValueLayout.JAVA_INT, 0);
        }

        private MemorySegment function(String name) throws NoAnswer {
            return symbols.find(name).orElseThrow(NoAnswer::new);
        }

        private static void check(int code) throws NoAnswer {
            if (code != CudaC.CUDA_SUCCESS()) {
                throw new NoAnswer();
            }
        }
    }
}
