package io.github.panllama.bindings;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads from a library, without loading it, for which chips it holds code for NVIDIA GPUs: nvcc puts a <em>fat binary</em>
 * of each source file into the section {@code .nv_fatbin}, with the same code for several chips. Its layout is not
 * published; it has been the same since CUDA 9, and what is of another tells nothing.
 */
final class FatBinaries {
    /** The chips on which a piece of code runs besides its own. */
    enum Reach {
        /** Machine code: later ones of the same generation. PTX: all later ones. */
        LATER,
        /** Later ones of the same family, as nvcc's {@code 100f}. */
        FAMILY,
        /** None, as nvcc's {@code 120a}. */
        NONE
    }

    /**
     * A piece of code.
     *
     * @param ptx the version of PTX, of which 91 is 9.1; 0 for machine code
     * @param chip the compute capability that it was made for, of which 86 is 8.6
     * @param reach where else it runs
     */
    record Code(int ptx, int chip, Reach reach) {
        boolean isMachineCode() {
            return ptx == 0;
        }

        /** Whether a chip could run it, if its driver can compile it. */
        boolean runsOn(int other) {
            return switch (reach) {
                case NONE -> other == chip;
                case FAMILY -> sameGeneration(other);
                case LATER -> isMachineCode() ? sameGeneration(other) : other >= chip;
            };
        }

        private boolean sameGeneration(int other) {
            return other / 10 == chip / 10 && other >= chip;
        }
    }

    private static final int ELF = 0x464c457f; // 0x7f 'E' 'L' 'F'
    private static final int ELF_HEADER = 64;
    private static final int SECTION_HEADER = 64;
    private static final byte[] SECTION = {'.', 'n', 'v', '_', 'f', 'a', 't', 'b', 'i', 'n', 0};

    private static final int FAT_MAGIC = 0xba55ed50;
    private static final int FAT_HEADER = 16;
    private static final int FAT_ALIGNMENT = 8;
    private static final int CODE_HEADER = 64;
    private static final int KIND_PTX = 1;
    private static final int KIND_MACHINE = 2;
    private static final long FLAG_CHIP_ALONE = 0x100000;
    private static final long FLAG_FAMILY = 0x200000;

    private final FileChannel file;
    private final Set<Set<Code>> found = new LinkedHashSet<>();

    private FatBinaries(FileChannel file) {
        this.file = file;
    }

    /**
     * What each fat binary holds, as far as they differ; nothing if there is none, or none of this layout.
     *
     * @throws IOException if the file cannot be read
     */
    static Set<Set<Code>> read(Path library) throws IOException {
        try (FileChannel file = FileChannel.open(library, StandardOpenOption.READ)) {
            FatBinaries reader = new FatBinaries(file);
            reader.readSections();
            return Set.copyOf(reader.found);
        } catch (EOFException | IllegalArgumentException e) {
            return Set.of();
        }
    }

    private ByteBuffer at(long position, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            int read = file.read(bytes, position + bytes.position()); // a negative position is refused by it
            if (read < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    private void readSections() throws IOException {
        ByteBuffer header = at(0, ELF_HEADER);
        boolean elf64 = header.getInt(0) == ELF && header.get(4) == 2;
        if (!elf64 || header.getShort(58) != SECTION_HEADER) {
            return;
        }
        long table = header.getLong(40);
        int sections = header.getShort(60);
        long names = at(table + (long) header.getShort(62) * SECTION_HEADER, SECTION_HEADER)
                .getLong(24);
        for (int i = 0; i < sections; i++) {
            ByteBuffer section = at(table + (long) i * SECTION_HEADER, SECTION_HEADER);
            if (isNamed(names + Integer.toUnsignedLong(section.getInt(0)))) {
                readFatBinaries(section.getLong(24), section.getLong(24) + section.getLong(32));
            }
        }
    }

    private boolean isNamed(long position) throws IOException {
        return position + SECTION.length <= file.size()
                && at(position, SECTION.length).equals(ByteBuffer.wrap(SECTION));
    }

    private void readFatBinaries(long begin, long end) throws IOException {
        long position = begin;
        while (position + FAT_HEADER <= end) {
            ByteBuffer header = at(position, FAT_HEADER);
            if (header.getInt(0) != FAT_MAGIC) {
                position += FAT_ALIGNMENT;
                continue;
            }
            long codes = position + Short.toUnsignedInt(header.getShort(6));
            long next = codes + header.getLong(8);
            if (next <= position) {
                throw new EOFException();
            }
            readCodes(codes, Math.min(next, end));
            position = next;
        }
    }

    private void readCodes(long begin, long end) throws IOException {
        Set<Code> codes = new LinkedHashSet<>();
        long position = begin;
        while (position + CODE_HEADER <= end) {
            ByteBuffer header = at(position, CODE_HEADER);
            int kind = header.getShort(0);
            int chip = header.getInt(28);
            long flags = header.getLong(40);
            Reach reach = (flags & FLAG_CHIP_ALONE) != 0
                    ? Reach.NONE
                    : (flags & FLAG_FAMILY) != 0 ? Reach.FAMILY : Reach.LATER;
            if (kind == KIND_PTX) {
                codes.add(new Code(header.getShort(26) * 10 + header.getShort(24), chip, reach));
            } else if (kind == KIND_MACHINE) {
                codes.add(new Code(0, chip, reach));
            }
            long size = Integer.toUnsignedLong(header.getInt(4)) + header.getLong(8);
            if (size < CODE_HEADER) {
                throw new EOFException();
            }
            position += size;
        }
        if (!codes.isEmpty()) {
            found.add(Set.copyOf(codes));
        }
    }
}
