package io.github.panllama.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A control group of Linux that limits the memory of this process, of version 1 or 2.
 *
 * @param limit bytes that the group may have; the largest number where only its swap is limited
 * @param used bytes that it has, without pages of files, which it gives back
 * @param swapLeft bytes that it may still swap out
 */
record MemoryGroup(long limit, long used, long swapLeft) {
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final String MOUNTS = "proc/self/mountinfo";
    private static final String MEMBERSHIP = "proc/self/cgroup";
    /** Of a line of mountinfo, before the dash: the root of the mount in its file system, and where it is mounted. */
    private static final int ROOT_FIELD = 3;

    private static final int POINT_FIELD = 4;

    /** A hierarchy of groups, and the names of its files. */
    enum Version {
        ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "total_active_file"),
        TWO("memory.max", "memory.current", "inactive_file", "active_file");

        final String limit;
        final String usage;
        final String inactive;
        final String active;

        Version(String limit, String usage, String inactive, String active) {
            this.limit = limit;
            this.usage = usage;
            this.inactive = inactive;
            this.active = active;
        }
    }

    /** Where a group is found. */
    record Place(Path folder, Version version) {
        /** What the group says now; empty where it limits neither memory nor swap. */
        Optional<MemoryGroup> read() {
            return MemoryGroup.read(folder, version);
        }
    }

    /** The groups that this process is in and that can have a limit, the innermost first. */
    static List<Place> places(Path root) {
        List<Place> groups = new ArrayList<>();
        for (String line : KernelFiles.lines(root.resolve(MEMBERSHIP))) {
            // number:controllers:path; version 2 has the number 0 and no controllers.
            String[] fields = line.split(":", 3);
            if (fields.length == 3 && fields[1].isEmpty()) {
                add(groups, root, Version.TWO, fields[2]);
            } else if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains("memory")) {
                add(groups, root, Version.ONE, fields[2]);
            }
        }
        return groups;
    }

    private static void add(List<Place> groups, Path root, Version version, String path) {
        Optional<Mount> mount = mount(root, version);
        if (mount.isEmpty()) {
            return;
        }
        Path top = mount.get().point();
        Path group = top.resolve(mount.get().relative(path)).normalize();
        if (!group.startsWith(top) || !Files.isDirectory(group)) {
            group = top; // what is mounted is the process's own group, as in a container
        }
        for (Path at = group; at != null && at.startsWith(top); at = at.getParent()) {
            if (Files.exists(at.resolve(version.limit))) {
                groups.add(new Place(at, version));
            }
        }
    }

    private static Optional<MemoryGroup> read(Path group, Version version) {
        OptionalLong limit = KernelFiles.number(group.resolve(version.limit));
        OptionalLong usage = KernelFiles.number(group.resolve(version.usage));
        if (usage.isEmpty()) {
            return Optional.empty();
        }
        long swapLeft = version == Version.TWO ? swapOfTwo(group) : swapOfOne(group, limit, usage.getAsLong());
        if (limit.isEmpty() && swapLeft == UNLIMITED) {
            return Optional.empty();
        }
        Map<String, Long> statistics = KernelFiles.table(group.resolve("memory.stat"));
        long pages = statistics.getOrDefault(version.inactive, 0L) + statistics.getOrDefault(version.active, 0L);
        return Optional.of(new MemoryGroup(limit.orElse(UNLIMITED), Math.max(0, usage.getAsLong() - pages), swapLeft));
    }

    private static long swapOfTwo(Path group) {
        OptionalLong limit = KernelFiles.number(group.resolve("memory.swap.max"));
        long used = KernelFiles.number(group.resolve("memory.swap.current")).orElse(0);
        return limit.isEmpty() ? UNLIMITED : Math.max(0, limit.getAsLong() - used);
    }

    /** Version 1 limits memory and swap together. */
    private static long swapOfOne(Path group, OptionalLong limit, long usage) {
        OptionalLong both = KernelFiles.number(group.resolve("memory.memsw.limit_in_bytes"));
        if (limit.isEmpty() || both.isEmpty()) {
            return UNLIMITED;
        }
        long bothUsed =
                KernelFiles.number(group.resolve("memory.memsw.usage_in_bytes")).orElse(usage);
        return Math.max(0, both.getAsLong() - limit.getAsLong() - Math.max(0, bothUsed - usage));
    }

    /** Where a hierarchy is mounted, and which of its groups is the top there. */
    private record Mount(Path point, String top) {
        String relative(String path) {
            boolean below = path.startsWith(top)
                    && (top.equals("/") || path.length() == top.length() || path.charAt(top.length()) == '/');
            String rest = below ? path.substring(top.length()) : "";
            return rest.startsWith("/") ? rest.substring(1) : rest;
        }
    }

    private static Optional<Mount> mount(Path root, Version version) {
        for (String line : KernelFiles.lines(root.resolve(MOUNTS))) {
            String[] halves = line.split(" - ", 2);
            String[] mount = halves[0].split(" ", -1);
            String[] system = halves.length == 2 ? halves[1].split(" ", -1) : new String[0];
            if (mount.length <= POINT_FIELD || system.length < 3) {
                continue;
            }
            boolean found = version == Version.TWO
                    ? system[0].equals("cgroup2")
                    : system[0].equals("cgroup")
                            && List.of(system[2].split(",", -1)).contains("memory");
            if (found) {
                return Optional.of(new Mount(root.resolve(mount[POINT_FIELD].substring(1)), mount[ROOT_FIELD]));
            }
        }
        return Optional.empty();
    }
}
