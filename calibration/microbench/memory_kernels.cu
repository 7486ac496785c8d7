// Kernels that only move memory: one warp-strided template per access pattern, bf16 unless it says otherwise.
#include <cuda_bf16.h>

#include <string>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

using bf16 = __nv_bfloat16;
constexpr int threads = 256;

__global__ void copy(const uint4* from, uint4* to, std::size_t count) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) to[i] = from[i];
}

__device__ float block_sum(float value) {
  __shared__ float parts[threads / 32];
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffU, value, step);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < threads / 32; ++i) sum += parts[i];
  __syncthreads();
  return sum;
}

/// RMS norm: a block per row.
__global__ void norm(const bf16* x, bf16* y, int width) {
  const bf16* row = x + std::size_t(blockIdx.x) * width;
  float square = 0;
  for (int i = threadIdx.x; i < width; i += threads) {
    const float v = __bfloat162float(row[i]);
    square += v * v;
  }
  const float scale = rsqrtf(block_sum(square) / float(width) + 1e-5F);
  for (int i = threadIdx.x; i < width; i += threads)
    y[std::size_t(blockIdx.x) * width + i] = __float2bfloat16(__bfloat162float(row[i]) * scale);
}

__global__ void softmax(const bf16* x, bf16* y, int width) {
  const bf16* row = x + std::size_t(blockIdx.x) * width;
  float sum = 0;
  for (int i = threadIdx.x; i < width; i += threads) sum += __expf(__bfloat162float(row[i]));
  const float scale = 1 / block_sum(sum);
  for (int i = threadIdx.x; i < width; i += threads)
    y[std::size_t(blockIdx.x) * width + i] = __float2bfloat16(__expf(__bfloat162float(row[i])) * scale);
}

/// SwiGLU: the gate's half of a row times the other.
__global__ void swiglu(const bf16* x, bf16* y, int width) {
  const bf16* row = x + std::size_t(blockIdx.x) * 2 * width;
  for (int i = threadIdx.x; i < width; i += threads) {
    const float gate = __bfloat162float(row[i]);
    y[std::size_t(blockIdx.x) * width + i] =
        __float2bfloat16(gate / (1 + __expf(-gate)) * __bfloat162float(row[width + i]));
  }
}

/// Adam on fp32 weights and moments with bf16 gradients.
__global__ void adam(float* weight, float* first, float* second, const bf16* gradient, std::size_t count) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
    const float g = __bfloat162float(gradient[i]);
    first[i] = 0.9F * first[i] + 0.1F * g;
    second[i] = 0.95F * fabsf(second[i]) + 0.05F * g * g;
    weight[i] -= 1e-4F * first[i] * rsqrtf(second[i] + 1e-8F);
  }
}

/// Rows of a table by pseudo-random index: embedding lookup, and the permutation of tokens to experts.
__global__ void gather(const uint4* table, uint4* to, int width, unsigned rows) {
  const unsigned row = (blockIdx.x * 2654435761U) % rows;
  for (int i = threadIdx.x; i < width; i += threads)
    to[std::size_t(blockIdx.x) * width + i] = table[std::size_t(row) * width + i];
}

std::string bytes_text(std::size_t bytes) { return "bytes=" + std::to_string(bytes); }

void measure_copy(Recorder& recorder, std::size_t bytes, int device) {
  const Rotating from(bytes, Content::bits16, device), to(bytes, Content::bits16, device);
  recorder.measure({"copy", bytes_text(bytes),
                    [&](cudaStream_t stream, int turn) {
                      copy<<<unsigned(std::min<std::size_t>(4096, bytes / 16 / threads + 1)), threads, 0, stream>>>(
                          from.at<uint4>(turn), to.at<uint4>(turn), bytes / 16);
                    },
                    [&]() -> std::string {
                      uint4 a{}, b{};
                      CHECK(cudaMemcpy(&a, from.at<char>(0) + bytes - sizeof a, sizeof a, cudaMemcpyDefault));
                      CHECK(cudaMemcpy(&b, to.at<char>(0) + bytes - sizeof b, sizeof b, cudaMemcpyDefault));
                      return a.x == b.x && a.w == b.w ? "" : "the last words differ";
                    }});
}

void measure_rows(Recorder& recorder, int rows, int width, int device) {
  const std::size_t bytes = std::size_t(rows) * std::size_t(width) * 2;
  const Rotating x(2 * bytes, Content::bits16, device), y(bytes, Content::bits16, device);
  const std::string shape = "rows=" + std::to_string(rows) + " width=" + std::to_string(width);
  const auto grid = unsigned(rows);
  recorder.measure({"rms_norm",
                    shape,
                    [&](cudaStream_t s, int t) { norm<<<grid, threads, 0, s>>>(x.at<bf16>(t), y.at<bf16>(t), width); },
                    {}});
  recorder.measure(
      {"softmax",
       shape,
       [&](cudaStream_t s, int t) { softmax<<<grid, threads, 0, s>>>(x.at<bf16>(t), y.at<bf16>(t), width); },
       {}});
  recorder.measure(
      {"swiglu",
       shape,
       [&](cudaStream_t s, int t) { swiglu<<<grid, threads, 0, s>>>(x.at<bf16>(t), y.at<bf16>(t), width); },
       {}});
  recorder.measure(
      {"gather",
       shape,
       [&](cudaStream_t s, int t) { gather<<<grid, threads, 0, s>>>(x.at<uint4>(t), y.at<uint4>(t), width / 8, grid); },
       {}});
}

void measure_adam(Recorder& recorder, std::size_t count, int device) {
  const Rotating w(4 * count, Content::floats, device), m(4 * count, Content::floats, device),
      v(4 * count, Content::floats, device), g(2 * count, Content::bits16, device);
  recorder.measure({"adam",
                    "elements=" + std::to_string(count),
                    [&](cudaStream_t s, int t) {
                      adam<<<4096, threads, 0, s>>>(w.at<float>(t), m.at<float>(t), v.at<float>(t), g.at<bf16>(t),
                                                    count);
                    },
                    {}});
}

}  // namespace

void memory_kernels(Recorder& recorder, int device) {
  const std::size_t largest = recorder.full() ? std::size_t{1} << 32 : std::size_t{1} << 30;
  for (std::size_t bytes = 4096; bytes <= largest; bytes *= recorder.full() ? 2 : 8) {
    recorder.expect(1);
    measure_copy(recorder, bytes, device);
  }
  for (const int width : {4096, 8192})
    for (const int rows : {1, 16, 256, 4096, 16384}) {
      recorder.expect(4);
      measure_rows(recorder, rows, width, device);
    }
  for (const std::size_t count : {std::size_t{1} << 20, std::size_t{1} << 24, std::size_t{1} << 28}) {
    recorder.expect(1);
    measure_adam(recorder, count, device);
  }
}

}  // namespace microbench
