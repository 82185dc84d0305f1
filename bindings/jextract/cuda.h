/*
 * What panllama reads of libcuda, the library of NVIDIA's driver: which CUDA it is of, and which chips it shows, as its
 * public ABI has them. Functions are declared as pointers because the library is opened only where a driver is installed.
 */
#ifndef PANLLAMA_CUDA_H
#define PANLLAMA_CUDA_H

/* What every function answers when it could. */
enum { CUDA_SUCCESS = 0 };

/* Of cuDeviceGetAttribute. */
enum {
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76
};

/* cuInit, with no flags. */
typedef int (*cuda_init_function)(unsigned int flags);

/* cuDriverGetVersion, where 13010 is 13.1; cuDeviceGetCount. */
typedef int (*cuda_number_function)(int * number);

/* cuDeviceGet: the handle of a device. */
typedef int (*cuda_index_function)(int * device, int index);

/* cuDeviceGetName, with a zero at the end. */
typedef int (*cuda_name_function)(char * name, int length, int device);

/* cuDeviceGetAttribute. */
typedef int (*cuda_attribute_function)(int * value, int attribute, int device);

#endif
