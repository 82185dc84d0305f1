package io.github.panllama.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be used is the machine's memory, or what is left of the tightest of the groups that the process is in. */
class SystemMemoryTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path root;

    @BeforeEach
    void machine() throws IOException {
        write("proc/meminfo", "MemTotal:       8388608 kB\nMemAvailable:   4194304 kB\nSwapFree:       1048576 kB\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void versionTwo(String mountRoot, String path) throws IOException {
        write("proc/self/mountinfo", "25 1 0:22 " + mountRoot + " /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        write("proc/self/cgroup", "0::" + path + "\n");
    }

    private void groupOfTwo(String folder, String limit, long usageMib, long pagesMib) throws IOException {
        write("sys/fs/cgroup" + folder + "/memory.max", limit + "\n");
        write("sys/fs/cgroup" + folder + "/memory.current", usageMib * MIB + "\n");
        write(
                "sys/fs/cgroup" + folder + "/memory.stat",
                "anon 5\ninactive_file %d\nactive_file %d\n".formatted(pagesMib * MIB / 2, pagesMib * MIB / 2));
    }

    @Test
    void withoutGroupsItIsTheMachines() {
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(8192 * MIB, 4096 * MIB, 1024 * MIB));
    }

    @Test
    void aGroupOfVersionTwoLimitsIt() throws IOException {
        versionTwo("/", "/app");
        groupOfTwo("/app", Long.toString(2048 * MIB), 1000, 100);
        write("sys/fs/cgroup/app/memory.swap.max", "0\n");
        write("sys/fs/cgroup/app/memory.swap.current", "0\n");
        // Pages of files are given back, so they count as free.
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(2048 * MIB, (2048 - 900) * MIB, 0));
    }

    @Test
    void ofNestedGroupsTheTightestCounts() throws IOException {
        versionTwo("/", "/outer/inner");
        groupOfTwo("/outer/inner", "max", 10, 0);
        groupOfTwo("/outer", Long.toString(1024 * MIB), 1000, 0);
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(1024 * MIB, 24 * MIB, 1024 * MIB));
    }

    @Test
    void aContainerSeesItsOwnGroupAtTheTop() throws IOException {
        versionTwo("/../..", "/docker/0123");
        groupOfTwo("", Long.toString(512 * MIB), 12, 0);
        assertThat(SystemMemory.read(root).available()).isEqualTo(500 * MIB);
    }

    @Test
    void aGroupOfVersionOneLimitsIt() throws IOException {
        write("proc/self/mountinfo", """
                32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
                35 31 0:32 /pod /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
                """);
        write("proc/self/cgroup", "5:cpu,cpuacct:/elsewhere\n4:memory:/pod/app\n");
        write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", 1024 * MIB + "\n");
        write("sys/fs/cgroup/memory/app/memory.usage_in_bytes", 700 * MIB + "\n");
        write("sys/fs/cgroup/memory/app/memory.stat", "total_inactive_file %d\n".formatted(200 * MIB));
        write("sys/fs/cgroup/memory/app/memory.memsw.limit_in_bytes", 1536 * MIB + "\n");
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(1024 * MIB, 524 * MIB, 512 * MIB));
        // Of memory and swap together, what is not memory is swap.
        write("sys/fs/cgroup/memory/app/memory.memsw.usage_in_bytes", 1000 * MIB + "\n");
        assertThat(SystemMemory.read(root).swap()).isEqualTo(212 * MIB);
        write("sys/fs/cgroup/memory/app/memory.memsw.usage_in_bytes", 1536 * MIB + "\n");
        assertThat(SystemMemory.read(root).swap()).isZero();
    }

    @Test
    void aGroupMayLimitSwapAlone() throws IOException {
        versionTwo("/", "/app");
        groupOfTwo("/app", "max", 1000, 100);
        write("sys/fs/cgroup/app/memory.swap.max", 300 * MIB + "\n");
        write("sys/fs/cgroup/app/memory.swap.current", 100 * MIB + "\n");
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(8192 * MIB, 4096 * MIB, 200 * MIB));
    }

    @Test
    void aGroupWithoutALimitChangesNothing() throws IOException {
        write("proc/self/mountinfo", "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
        write("proc/self/cgroup", "4:memory:/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "5000\n");
        assertThat(SystemMemory.read(root)).isEqualTo(new SystemMemory(8192 * MIB, 4096 * MIB, 1024 * MIB));
    }

    @Test
    void aGroupThatIsOverItsLimitHasNothingLeft() throws IOException {
        versionTwo("/", "/");
        groupOfTwo("", Long.toString(100 * MIB), 200, 0);
        assertThat(SystemMemory.read(root).available()).isZero();
    }

    @Test
    void withoutFilesTheSystemIsAsked() {
        SystemMemory memory = SystemMemory.read(root.resolve("nothing"));
        assertThat(memory.total()).isGreaterThan(256 * MIB).isLessThan(1L << 50);
        assertThat(memory.available()).isPositive().isLessThanOrEqualTo(memory.total());
    }

    @Test
    void thisMachineHasSome() {
        SystemMemory memory = SystemMemory.now();
        assertThat(memory.available()).isPositive().isLessThanOrEqualTo(memory.total());
        assertThat(memory.total()).isLessThan(1L << 50);
    }
}
