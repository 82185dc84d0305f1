/*
 * Stands in for NVML where no driver is: the same functions, with the figures of two cards that are made up. What it
 * counts, and what a test changes, lies in a file (STATE) of 64-bit numbers that both have mapped.
 *
 *   INIT_CODE   what nvmlInit_v2 answers
 *   CARDS       how many cards there are
 *   OLD_DRIVER  leaves out what older drivers lack
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nvml.h"

#ifndef INIT_CODE
#define INIT_CODE NVML_SUCCESS
#endif
#ifndef CARDS
#define CARDS 2
#endif

enum {
    INITS,
    SHUTDOWNS,
    LATE_CALLS, /* that came when nothing was initialised */
    LOST,       /* bits of cards that have fallen off the bus */
    POWER,      /* of the first card, in milliwatts */
    ENERGY,     /* of the first card, in millijoules */
    DELAY,      /* of a reading of power, in microseconds */
    PROCESSES,  /* on the first card */
    OWN_PID,    /* which the last of them has */
    STATES
};

static int64_t defaults[STATES] = {[POWER] = 350250, [ENERGY] = 123456789012};
static volatile int64_t *state = defaults;

__attribute__((constructor)) static void map(void) {
#ifdef STATE
    int file = open(STATE, O_RDWR);
    if (file >= 0) {
        void *mapped = mmap(0, sizeof(defaults), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED) {
            state = mapped;
        }
        close(file);
    }
#endif
}

static char cards[2];

static int index_of(nvmlDevice_t device) {
    return (int) ((char *) device - cards);
}

/* What every function of a card begins with. */
static int check(nvmlDevice_t device) {
    if (state[INITS] <= state[SHUTDOWNS]) {
        __atomic_add_fetch(&state[LATE_CALLS], 1, __ATOMIC_SEQ_CST);
        return NVML_ERROR_UNINITIALIZED;
    }
    int index = index_of(device);
    if (index < 0 || index >= CARDS) {
        return NVML_ERROR_INVALID_ARGUMENT;
    }
    return (state[LOST] >> index) & 1 ? NVML_ERROR_GPU_IS_LOST : NVML_SUCCESS;
}

/* The first card tells all; the second one does not. */
#define FIRST_ALONE(device)                  \
    do {                                     \
        int code = check(device);            \
        if (code != NVML_SUCCESS) {          \
            return code;                     \
        }                                    \
        if (index_of(device) != 0) {         \
            return NVML_ERROR_NOT_SUPPORTED; \
        }                                    \
    } while (0)

static int put(char *text, unsigned int size, const char *value) {
    if (strlen(value) >= size) {
        return NVML_ERROR_INSUFFICIENT_SIZE;
    }
    strcpy(text, value);
    return NVML_SUCCESS;
}

int nvmlInit_v2(void) {
    if (INIT_CODE == NVML_SUCCESS) {
        __atomic_add_fetch(&state[INITS], 1, __ATOMIC_SEQ_CST);
    }
    return INIT_CODE;
}

int nvmlShutdown(void) {
    __atomic_add_fetch(&state[SHUTDOWNS], 1, __ATOMIC_SEQ_CST);
    return NVML_SUCCESS;
}

const char *nvmlErrorString(int code) {
    switch (code) {
        case NVML_ERROR_DRIVER_NOT_LOADED:
            return "Driver Not Loaded";
        case NVML_ERROR_LIB_RM_VERSION_MISMATCH:
            return "Driver/library version mismatch";
        case NVML_ERROR_GPU_IS_LOST:
            return "GPU is lost";
        default:
            return "Unknown Error";
    }
}

int nvmlSystemGetDriverVersion(char *text, unsigned int size) {
    return put(text, size, "580.82.07");
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = CARDS;
    return NVML_SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if ((int) index >= CARDS) {
        return NVML_ERROR_INVALID_ARGUMENT;
    }
    *device = cards + index;
    return NVML_SUCCESS;
}

int nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int size) {
    int code = check(device);
    return code != NVML_SUCCESS ? code : put(name, size, index_of(device) == 0 ? "Stand-in A80" : "Stand-in B1");
}

int nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int size) {
    FIRST_ALONE(device);
    return put(uuid, size, "GPU-11111111-2222-3333-4444-555555555555");
}

int nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *info) {
    int code = check(device);
    if (code == NVML_SUCCESS) {
        memset(info, 0x55, sizeof(*info));
        strcpy(info->busIdLegacy, "legacy");
        strcpy(info->busId, index_of(device) == 0 ? "00000000:3B:00.0" : "00010000:C1:00.0");
    }
    return code;
}

int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
    int code = check(device);
    if (code == NVML_SUCCESS) {
        *memory = (nvmlMemory_t){.total = 8000000000, .free = 6500000000, .used = 1500000000};
    }
    return code;
}

int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) {
    int code = check(device);
    if (code != NVML_SUCCESS) {
        return code;
    }
    if (index_of(device) != 0) {
        return NVML_ERROR_NO_PERMISSION;
    }
    if (state[DELAY] > 0) {
        usleep((useconds_t) state[DELAY]);
        code = check(device); /* somebody may have shut it down under this call */
    }
    *milliwatts = (unsigned int) state[POWER];
    return code;
}

int nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *milliwatts) {
    FIRST_ALONE(device);
    *milliwatts = 700000;
    return NVML_SUCCESS;
}

int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization) {
    FIRST_ALONE(device);
    *utilization = (nvmlUtilization_t){.gpu = 87, .memory = 45};
    return NVML_SUCCESS;
}

int nvmlDeviceGetTemperature(nvmlDevice_t device, unsigned int sensor, unsigned int *degrees) {
    FIRST_ALONE(device);
    if (sensor != NVML_TEMPERATURE_GPU) {
        return NVML_ERROR_INVALID_ARGUMENT;
    }
    *degrees = 61;
    return NVML_SUCCESS;
}

int nvmlDeviceGetClockInfo(nvmlDevice_t device, unsigned int clock, unsigned int *megahertz) {
    FIRST_ALONE(device);
    if (clock != NVML_CLOCK_SM && clock != NVML_CLOCK_MEM) {
        return NVML_ERROR_INVALID_ARGUMENT;
    }
    *megahertz = clock == NVML_CLOCK_SM ? 1755 : 2619;
    return NVML_SUCCESS;
}

static int reasons(nvmlDevice_t device, unsigned long long *bits) {
    int code = check(device);
    if (code == NVML_SUCCESS) {
        /* With a bit that no driver has yet. */
        *bits = index_of(device) == 0 ? 0x1000000000 | NVML_CLOCKS_SW_POWER_CAP | NVML_CLOCKS_HW_THERMAL_SLOWDOWN
                                      : NVML_CLOCKS_GPU_IDLE;
    }
    return code;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long *bits) {
#ifdef OLD_DRIVER
    return reasons(device, bits);
#else
    (void) device;
    *bits = 0;
    return NVML_ERROR_UNKNOWN; /* the newer name comes first */
#endif
}

#ifndef OLD_DRIVER
int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = 13020;
    return NVML_SUCCESS;
}

int nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor) {
    int code = check(device);
    *major = 12;
    *minor = index_of(device);
    return code;
}

int nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory) {
    if (memory->version != 0x02000028) {
        return 25; /* the struct is of another version */
    }
    FIRST_ALONE(device);
    memory->total = 85520809984;
    memory->reserved = 536870912;
    memory->free = 80000000000;
    memory->used = memory->total - memory->reserved - memory->free;
    return NVML_SUCCESS;
}

int nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long *millijoules) {
    FIRST_ALONE(device);
    *millijoules = (unsigned long long) state[ENERGY];
    return NVML_SUCCESS;
}

int nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long *bits) {
    return reasons(device, bits);
}

int nvmlDeviceGetComputeRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *processes) {
    FIRST_ALONE(device);
    unsigned int room = *count;
    *count = (unsigned int) state[PROCESSES];
    if (*count > room) {
        return NVML_ERROR_INSUFFICIENT_SIZE;
    }
    for (unsigned int i = 0; i < *count; i++) {
        processes[i] = (nvmlProcessInfo_t){.pid = 4000000 + i, .usedGpuMemory = 1000 + i, .gpuInstanceId = ~0u};
    }
    if (*count > 0) {
        processes[*count - 1].pid = (unsigned int) state[OWN_PID];
        processes[*count - 1].usedGpuMemory = 5000000000;
    }
    return NVML_SUCCESS;
}
#endif
