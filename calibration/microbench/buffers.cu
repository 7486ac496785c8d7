#include "calibration/microbench/buffers.cuh"

namespace microbench {
namespace {

__device__ std::uint32_t mixed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

}  // namespace

__global__ void fill(std::uint32_t* words, std::size_t count, std::uint32_t seed, Content content) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
    const std::uint32_t random = mixed(std::uint32_t(i) ^ seed);
    if (content == Content::floats)
      words[i] = __float_as_uint(float(random) * 4.6566129e-10f - 1.0f);
    else if (content == Content::bits16)  // bf16 and fp16 alike: exponents that are moderate in both
      words[i] = (random & 0x83ff83ffU) | 0x34003400U;
    else  // e4m3 and int8: small magnitudes
      words[i] = random & 0xb7b7b7b7U;
  }
}

}  // namespace microbench
