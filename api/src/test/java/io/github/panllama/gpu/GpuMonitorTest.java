package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.Device;
import io.github.panllama.gpu.GpuMonitorException.Reason;
import io.github.panllama.gpu.NvmlStandIn.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class GpuMonitorTest {
    @TempDir
    static Path folder;

    private static NvmlStandIn standIn;

    @BeforeAll
    static void compile() throws Exception {
        standIn = NvmlStandIn.compile(folder);
    }

    @BeforeEach
    void startAnew() {
        standIn.set(State.INITS, 0);
        standIn.set(State.SHUTDOWNS, 0);
        standIn.set(State.LOST, 0);
        standIn.set(State.PROCESSES, 0);
    }

    @Test
    void cardsAreThoseOfTheDriver() {
        try (GpuMonitor monitor = standIn.open()) {
            assertThat(monitor.driverVersion()).contains("580.82.07");
            assertThat(monitor.cudaVersion()).contains("13.2");
            assertThat(monitor.cards())
                    .containsExactly(
                            new GpuCard(
                                    0,
                                    "Stand-in A80",
                                    "GPU-11111111-2222-3333-4444-555555555555",
                                    "00000000:3B:00.0",
                                    Optional.of("12.0")),
                            new GpuCard(1, "Stand-in B1", "", "00010000:C1:00.0", Optional.of("12.1")));
        }
    }

    @Test
    void aCardTellsItsFiguresInTheirUnits() {
        try (GpuMonitor monitor = standIn.open()) {
            Instant before = Instant.now();
            GpuSample sample = monitor.sample().getFirst();
            assertThat(sample.card()).isEqualTo(monitor.cards().getFirst());
            assertThat(sample.time()).isBetween(before, Instant.now());
            assertThat(sample.memory())
                    .contains(new GpuMemory(85_520_809_984L, 4_983_939_072L, 80_000_000_000L, 536_870_912));
            assertThat(sample.utilization()).hasValue(87);
            assertThat(sample.memoryUtilization()).hasValue(45);
            assertThat(sample.watts()).hasValue(350.25);
            assertThat(sample.powerLimit()).hasValue(700);
            assertThat(sample.joules()).hasValue(123_456_789.012); // more than 32 bits of millijoules
            assertThat(sample.temperature()).hasValue(61);
            assertThat(sample.smClock()).hasValue(1755);
            assertThat(sample.memoryClock()).hasValue(2619);
            assertThat(sample.throttleReasons())
                    .containsExactly(ThrottleReason.POWER_CAP, ThrottleReason.HARDWARE_THERMAL_SLOWDOWN);
            assertThat(sample.fault()).isEmpty();
        }
    }

    @Test
    void whatACardDoesNotTellIsEmpty() {
        try (GpuMonitor monitor = standIn.open()) {
            GpuSample sample = monitor.sample().get(1);
            assertThat(sample.card().uuid()).isEmpty();
            assertThat(sample.watts()).isEmpty();
            assertThat(sample.joules()).isEmpty();
            assertThat(sample.powerLimit()).isEmpty();
            assertThat(sample.utilization()).isEmpty();
            assertThat(sample.temperature()).isEmpty();
            assertThat(sample.smClock()).isEmpty();
            assertThat(sample.processMemory()).isEmpty();
            assertThat(sample.throttleReasons()).containsExactly(ThrottleReason.IDLE);
            assertThat(sample.memory()).as("by the older function").contains(olderMemory());
            assertThat(sample.fault()).isEmpty();
        }
    }

    private static GpuMemory olderMemory() {
        return new GpuMemory(8_000_000_000L, 1_500_000_000L, 6_500_000_000L, 0);
    }

    @Test
    void anOldDriverLacksFunctionsAndStillTellsTheRest() throws Exception {
        NvmlStandIn old = NvmlStandIn.compile(folder, "OLD_DRIVER");
        try (GpuMonitor monitor = old.open()) {
            assertThat(monitor.driverVersion()).isPresent();
            assertThat(monitor.cudaVersion()).isEmpty();
            assertThat(monitor.cards().getFirst().computeCapability()).isEmpty();
            GpuSample sample = monitor.sample().getFirst();
            assertThat(sample.memory()).contains(olderMemory());
            assertThat(sample.joules()).isEmpty();
            assertThat(sample.processMemory()).isEmpty();
            assertThat(sample.watts()).hasValue(350.25);
            assertThat(sample.throttleReasons())
                    .as("by the older name")
                    .containsExactly(ThrottleReason.POWER_CAP, ThrottleReason.HARDWARE_THERMAL_SLOWDOWN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "9, NO_DRIVER, Driver Not Loaded, modprobe nvidia",
        "18, VERSION_MISMATCH, Driver/library version mismatch, restart the machine",
        "4, NO_PERMISSION, Unknown Error, /dev/nvidiactl",
        "17, NO_PERMISSION, Unknown Error, /dev/nvidiactl",
        "999, FAILED, Unknown Error, does not answer"
    })
    void aDriverThatDoesNotBeginIsNamedWithTheWayOut(int code, Reason reason, String words, String wayOut)
            throws Exception {
        NvmlStandIn failing = NvmlStandIn.compile(folder, "INIT_CODE=" + code);
        assertThatThrownBy(failing::open)
                .isInstanceOf(GpuMonitorException.class)
                .hasMessageContainingAll(
                        words, wayOut, "NVML code " + code, failing.library().toString())
                .satisfies(thrown ->
                        assertThat(((GpuMonitorException) thrown).reason()).isEqualTo(reason));
        assertThat(failing.get(State.SHUTDOWNS)).isZero();
    }

    @Test
    void aDriverWithoutACardIsNamedAndLetGo() throws Exception {
        NvmlStandIn empty = NvmlStandIn.compile(folder, "CARDS=0");
        assertThatThrownBy(empty::open)
                .isInstanceOf(GpuMonitorException.class)
                .hasMessageContaining("shows no card")
                .extracting(thrown -> ((GpuMonitorException) thrown).reason())
                .isEqualTo(Reason.NO_CARD);
        assertThat(empty.get(State.INITS)).isEqualTo(1);
        assertThat(empty.get(State.SHUTDOWNS)).isEqualTo(1);
    }

    @Test
    void aLibraryThatIsNotThereOrNoneIsNamed() throws IOException {
        Path none = folder.resolve("none.so");
        Path text = Files.writeString(folder.resolve("text.so"), "no library");
        for (Path file : List.of(none, text)) {
            assertThatThrownBy(() -> GpuMonitor.open(file))
                    .isInstanceOf(GpuMonitorException.class)
                    .hasMessageContainingAll(file.toString(), "panllama.nvml.path", "PANLLAMA_NVML_PATH")
                    .extracting(thrown -> ((GpuMonitorException) thrown).reason())
                    .isEqualTo(Reason.NO_LIBRARY);
        }
    }

    @Test
    void anotherLibraryIsNotTakenForNvml() throws Exception {
        Path source = Files.writeString(folder.resolve("other.c"), "int other(void) { return 0; }\n");
        Path other = folder.resolve("other.so");
        Process cc = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", other.toString(), source.toString())
                .inheritIO()
                .start();
        assertThat(cc.waitFor()).isZero();
        assertThatThrownBy(() -> GpuMonitor.open(other))
                .isInstanceOf(GpuMonitorException.class)
                .hasMessageContainingAll(other.toString(), "is no NVML")
                .extracting(thrown -> ((GpuMonitorException) thrown).reason())
                .isEqualTo(Reason.NO_LIBRARY);
    }

    @Test
    void memoryOfThisProcessIsFoundAmongMany() throws Exception {
        standIn.set(State.PROCESSES, 200); // more than there is room for at first
        standIn.set(State.OWN_PID, ProcessHandle.current().pid());
        try (GpuMonitor monitor = standIn.open()) {
            boolean known = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    .toString()
                    .equals("pid:[4026531836]");
            assertThat(monitor.sample().getFirst().processMemory())
                    .isEqualTo(known ? OptionalLong.of(5_000_000_000L) : OptionalLong.empty());
        }
    }

    @Test
    void aLostCardSaysSoAndTheOthersGoOn() {
        try (GpuMonitor monitor = standIn.open()) {
            standIn.set(State.LOST, 1);
            List<GpuSample> samples = monitor.sample();
            assertThat(samples.get(0).fault())
                    .hasValueSatisfying(fault -> assertThat(fault).contains("GPU is lost", "15"));
            assertThat(samples.get(0).memory()).isEmpty();
            assertThat(samples.get(0).watts()).isEqualTo(OptionalDouble.empty());
            assertThat(samples.get(0).temperature()).isEqualTo(OptionalInt.empty());
            assertThat(samples.get(1).fault()).isEmpty();
            assertThat(samples.get(1).memory()).isPresent();
        }
    }

    @Test
    void everyOpeningIsEndedOnceAndNothingIsAskedAfterwards() {
        for (int i = 0; i < 50; i++) {
            GpuMonitor monitor = standIn.open();
            assertThat(monitor.isClosed()).isFalse();
            monitor.close();
            monitor.close();
            assertThat(monitor.isClosed()).isTrue();
            assertThatThrownBy(monitor::sample)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(monitor.cards()).hasSize(2);
        }
        assertThat(standIn.get(State.INITS)).isEqualTo(50);
        assertThat(standIn.get(State.SHUTDOWNS)).isEqualTo(50);
        assertThat(standIn.get(State.LATE_CALLS)).isZero();
    }

    @Test
    void aMonitorThatIsForgottenIsEnded() {
        forget();
        while (standIn.get(State.SHUTDOWNS) == 0) {
            System.gc();
            // Collecting without a pause would leave the cleaner no time.
            long next = System.nanoTime() + 200_000_000;
            while (standIn.get(State.SHUTDOWNS) == 0 && System.nanoTime() < next) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        assertThat(standIn.get(State.SHUTDOWNS)).isEqualTo(1);
    }

    private static void forget() {
        assertThat(standIn.open().sample()).hasSize(2);
    }

    @Test
    void aDeviceOfLlamaCppIsACardByItsPciAddressAlone() {
        try (GpuMonitor monitor = standIn.open()) {
            // Without a GPU there are devices without an address.
            assertThat(Device.all())
                    .filteredOn(device -> !device.isGpu())
                    .isNotEmpty()
                    .allSatisfy(device -> assertThat(monitor.card(device)).isEmpty());
        }
        assertThat(PciAddress.same("0000:3b:00.0", "00000000:3B:00.0")).isTrue();
    }
}
