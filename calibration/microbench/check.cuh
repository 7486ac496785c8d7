// Every CUDA and cuBLASLt call is checked; what went wrong is said with the way out, and the program ends with exit
// code 5: no calibration (3 where a file is to blame).
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace microbench {

[[noreturn]] inline void give_up(const std::string& what, const char* file, int line) {
  std::fprintf(stderr, "\nplenum: error: %s (%s:%d); what was measured so far is kept, start again to go on\n",
               what.c_str(), file, line);
  std::exit(5);
}

[[noreturn]] inline void refuse_file(const std::string& what) {
  std::fprintf(stderr, "\nplenum: error: %s\n", what.c_str());
  std::exit(3);
}

inline std::string advice(cudaError_t error) {
  if (error == cudaErrorMemoryAllocation)
    return ": other programs use the GPU's memory; stop them, or leave out --full, whose buffers take 20 GB";
  if (error == cudaErrorNoKernelImageForDevice) return ": this chip is older than Ampere (sm_80)";
  if (error == cudaErrorInsufficientDriver) return ": update the driver, or build with an older CUDA Toolkit";
  if (error == cudaErrorNoDevice) return ": no GPU is visible (CUDA_VISIBLE_DEVICES?)";
  return "";
}

inline void check(cudaError_t error, const char* call, const char* file, int line) {
  if (error != cudaSuccess) give_up(std::string(call) + ": " + cudaGetErrorString(error) + advice(error), file, line);
}
inline void check(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status != CUBLAS_STATUS_SUCCESS)
    give_up(std::string(call) + ": cuBLASLt status " + std::to_string(status), file, line);
}

}  // namespace microbench

#define CHECK(call) ::microbench::check((call), #call, __FILE__, __LINE__)
