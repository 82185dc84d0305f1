/*
 * What panllama reads of NVML, NVIDIA's management library: codes, structs and the shapes of functions, as its public
 * ABI has them. Functions are declared as pointers because the library is opened only where a driver is installed, and
 * one that an older driver lacks is to be told from one that fails. Nothing here changes a card: no setter is declared.
 */
#ifndef PANLLAMA_NVML_H
#define PANLLAMA_NVML_H

/* A card. It belongs to the library and stays valid until the last shutdown. */
typedef void *nvmlDevice_t;

/* What every function answers. */
enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_DRIVER_NOT_LOADED = 9,
    NVML_ERROR_FUNCTION_NOT_FOUND = 13,
    NVML_ERROR_GPU_IS_LOST = 15,
    NVML_ERROR_RESET_REQUIRED = 16,
    NVML_ERROR_OPERATING_SYSTEM = 17,
    NVML_ERROR_LIB_RM_VERSION_MISMATCH = 18,
    NVML_ERROR_UNKNOWN = 999
};

enum {
    NVML_CLOCK_SM = 1,
    NVML_CLOCK_MEM = 2,
    NVML_TEMPERATURE_GPU = 0
};

/* Bits of nvmlDeviceGetCurrentClocksEventReasons. */
enum {
    NVML_CLOCKS_GPU_IDLE = 0x1,
    NVML_CLOCKS_APPLICATIONS_SETTING = 0x2,
    NVML_CLOCKS_SW_POWER_CAP = 0x4,
    NVML_CLOCKS_HW_SLOWDOWN = 0x8,
    NVML_CLOCKS_SYNC_BOOST = 0x10,
    NVML_CLOCKS_SW_THERMAL_SLOWDOWN = 0x20,
    NVML_CLOCKS_HW_THERMAL_SLOWDOWN = 0x40,
    NVML_CLOCKS_HW_POWER_BRAKE_SLOWDOWN = 0x80,
    NVML_CLOCKS_DISPLAY_SETTING = 0x100
};

/* Sizes of text buffers, the zero at the end included. */
enum {
    NVML_NAME_SIZE = 96,
    NVML_UUID_SIZE = 96,
    NVML_VERSION_SIZE = 80
};

typedef struct nvmlPciInfo_t {
    char busIdLegacy[16];
    unsigned int domain;
    unsigned int bus;
    unsigned int device;
    unsigned int pciDeviceId;
    unsigned int pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;

/* Bytes. */
typedef struct nvmlMemory_t {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
} nvmlMemory_t;

/* Bytes; version says which struct this is: its size, and 2 in the highest byte. */
typedef struct nvmlMemory_v2_t {
    unsigned int version;
    unsigned long long total;
    unsigned long long reserved;
    unsigned long long free;
    unsigned long long used;
} nvmlMemory_v2_t;

/* Percent of the last sampling period of the driver in which the cores, or the memory, were busy. */
typedef struct nvmlUtilization_t {
    unsigned int gpu;
    unsigned int memory;
} nvmlUtilization_t;

/* usedGpuMemory is all ones where it is not known. */
typedef struct nvmlProcessInfo_t {
    unsigned int pid;
    unsigned long long usedGpuMemory;
    unsigned int gpuInstanceId;
    unsigned int computeInstanceId;
} nvmlProcessInfo_t;

/* nvmlInit_v2, nvmlShutdown */
typedef int (*nvml_plain_function)(void);

/* nvmlErrorString */
typedef const char *(*nvml_error_function)(int code);

/* nvmlDeviceGetCount_v2, nvmlSystemGetCudaDriverVersion_v2 */
typedef int (*nvml_number_function)(void *value);

/* nvmlSystemGetDriverVersion */
typedef int (*nvml_text_function)(char *text, unsigned int size);

/* nvmlDeviceGetHandleByIndex_v2 */
typedef int (*nvml_index_function)(unsigned int index, nvmlDevice_t *device);

/* nvmlDeviceGetName, nvmlDeviceGetUUID */
typedef int (*nvml_device_text_function)(nvmlDevice_t device, char *text, unsigned int size);

/*
 * nvmlDeviceGetPciInfo_v3, nvmlDeviceGetMemoryInfo, nvmlDeviceGetMemoryInfo_v2, nvmlDeviceGetUtilizationRates: a struct.
 * nvmlDeviceGetPowerUsage (mW), nvmlDeviceGetEnforcedPowerLimit (mW): unsigned int.
 * nvmlDeviceGetTotalEnergyConsumption (mJ), nvmlDeviceGetCurrentClocksEventReasons: unsigned long long.
 */
typedef int (*nvml_device_value_function)(nvmlDevice_t device, void *value);

/* nvmlDeviceGetTemperature (degrees Celsius), nvmlDeviceGetClockInfo (MHz) */
typedef int (*nvml_device_kind_function)(nvmlDevice_t device, unsigned int kind, unsigned int *value);

/* nvmlDeviceGetCudaComputeCapability */
typedef int (*nvml_device_pair_function)(nvmlDevice_t device, int *first, int *second);

/* nvmlDeviceGetComputeRunningProcesses_v3: count is what there is room for, and then what there is. */
typedef int (*nvml_device_processes_function)(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *processes);

#endif
