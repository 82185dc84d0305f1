// A kernel in the forms of code that a CUDA plugin may hold. chips.fatbin is what CUDA 13.0 made of it:
// nvcc -fatbin -gencode arch=compute_75,code=compute_75 -gencode arch=compute_86,code=sm_86 \
//     -gencode arch=compute_100f,code=sm_100f -gencode arch=compute_120a,code=sm_120a -o chips.fatbin chips.cu
__global__ void twice(float * x) {
    x[threadIdx.x] *= 2;
}
