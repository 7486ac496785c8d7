// Device memory with random content, in as many copies as it takes to be larger than the cache: a kernel that is timed
// again and again finds its data in memory, not where the last repetition left it.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>

#include "calibration/microbench/check.cuh"

namespace microbench {

/// Values spread over [-1, 1) as a matrix's should be: zeros draw less power and run at higher clocks.
enum class Content { bits16, bits8, floats };

__global__ void fill(std::uint32_t* words, std::size_t count, std::uint32_t seed, Content content);

class Rotating {
 public:
  Rotating(std::size_t bytes, Content content, int device) : bytes_((bytes + 255) / 256 * 256) {
    int cache = 0;
    CHECK(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, device));
    copies_ = int(std::max<std::size_t>(1, std::min<std::size_t>(64, (3 * std::size_t(cache) + bytes_ - 1) / bytes_)));
    CHECK(cudaMalloc(&memory_, bytes_ * std::size_t(copies_)));
    fill<<<1024, 256>>>(static_cast<std::uint32_t*>(memory_), bytes_ * std::size_t(copies_) / 4, 12345, content);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
  }
  ~Rotating() { cudaFree(memory_); }
  Rotating(const Rotating&) = delete;
  Rotating& operator=(const Rotating&) = delete;

  template <class T>
  T* at(int turn) const {
    return reinterpret_cast<T*>(static_cast<char*>(memory_) + bytes_ * std::size_t(turn % copies_));
  }

 private:
  std::size_t bytes_;
  int copies_ = 1;
  void* memory_ = nullptr;
};

}  // namespace microbench
