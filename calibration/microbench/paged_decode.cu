// Decoding attention over a paged cache: one query token per sequence, bf16, head dimension 128, pages of 16 tokens in
// random order, the keys split over blocks as serving kernels do. A kernel of our own: what it reaches is a lower bound
// of theirs.
#include <cuda_bf16.h>

#include <numeric>
#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

using bf16 = __nv_bfloat16;
constexpr int head_dim = 128, page = 16, warp = 32, warps = 4, per_lane = head_dim / warp;

struct Problem {
  int batch, heads, kv_heads, context, splits;
};

/// A block per (sequence, head, split), a warp per key in turn; partial results go to `partial` as (max, sum, values).
__global__ void decode(const bf16* query, const bf16* keys, const bf16* values, const int* pages, float* partial,
                       Problem p) {
  const int head = blockIdx.x % p.heads, sequence = blockIdx.x / p.heads, split = blockIdx.y;
  const int lane = threadIdx.x % warp, kv_head = head / (p.heads / p.kv_heads);
  const int length = (p.context + p.splits - 1) / p.splits, first = split * length,
            last = min(p.context, first + length);
  float q[per_lane], sum_v[per_lane] = {}, largest = -1e30F, sum = 0;
  for (int i = 0; i < per_lane; ++i)
    q[i] = __bfloat162float(query[(std::size_t(sequence) * p.heads + head) * head_dim + lane * per_lane + i]);
  for (int token = first + int(threadIdx.x) / warp; token < last; token += warps) {
    const int where = pages[sequence * ((p.context + page - 1) / page) + token / page] * page + token % page;
    const std::size_t at = (std::size_t(where) * p.kv_heads + kv_head) * head_dim + lane * per_lane;
    float score = 0;
    for (int i = 0; i < per_lane; ++i) score += q[i] * __bfloat162float(keys[at + i]);
    for (int step = warp / 2; step > 0; step /= 2) score += __shfl_xor_sync(0xffffffffU, score, step);
    const float higher = fmaxf(largest, score), shrink = __expf(largest - higher), weight = __expf(score - higher);
    for (int i = 0; i < per_lane; ++i) sum_v[i] = sum_v[i] * shrink + weight * __bfloat162float(values[at + i]);
    sum = sum * shrink + weight;
    largest = higher;
  }
  float* out =
      partial + ((std::size_t(blockIdx.y) * gridDim.x + blockIdx.x) * warps + threadIdx.x / warp) * (head_dim + 2);
  for (int i = 0; i < per_lane; ++i) out[lane * per_lane + i] = sum_v[i];
  if (lane == 0) out[head_dim] = largest, out[head_dim + 1] = sum;
}

__global__ void combine(const float* partial, bf16* result, int parts_per_block, int blocks, int splits) {
  float largest = -1e30F, sum = 0, value = 0;
  for (int s = 0; s < splits; ++s)
    for (int w = 0; w < parts_per_block; ++w) {
      const float* part = partial + ((std::size_t(s) * blocks + blockIdx.x) * parts_per_block + w) * (head_dim + 2);
      const float higher = fmaxf(largest, part[head_dim]);
      value = value * __expf(largest - higher) + part[threadIdx.x] * __expf(part[head_dim] - higher);
      sum = sum * __expf(largest - higher) + part[head_dim + 1] * __expf(part[head_dim] - higher);
      largest = higher;
    }
  result[std::size_t(blockIdx.x) * head_dim + threadIdx.x] = __float2bfloat16(value / sum);
}

std::vector<int> shuffled_pages(int count) {
  std::vector<int> pages(static_cast<std::size_t>(count));
  std::iota(pages.begin(), pages.end(), 0);
  std::uint64_t state = 1;
  for (std::size_t i = pages.size(); i > 1; --i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(pages[i - 1], pages[std::size_t(state >> 33) % i]);
  }
  return pages;
}

void measure_problem(Recorder& recorder, Problem p, int device, int multiprocessors) {
  const std::string shape = "bf16 batch=" + std::to_string(p.batch) + " heads=" + std::to_string(p.heads) +
                            " kv_heads=" + std::to_string(p.kv_heads) + " context=" + std::to_string(p.context) +
                            " head_dim=128";
  p.splits = std::max(1, std::min(p.context / 64, 2 * multiprocessors / (p.batch * p.heads)));
  const int pages_each = (p.context + page - 1) / page, blocks = p.batch * p.heads;
  const std::size_t cache = std::size_t(p.batch) * pages_each * page * p.kv_heads * head_dim * 2;
  const Rotating keys(cache, Content::bits16, device), values(cache, Content::bits16, device);
  const Rotating query(std::size_t(blocks) * head_dim * 2, Content::bits16, device);
  const Rotating partial(std::size_t(p.splits) * blocks * warps * (head_dim + 2) * 4, Content::floats, device);
  const auto order = shuffled_pages(p.batch * pages_each);
  int* pages = nullptr;
  CHECK(cudaMalloc(&pages, order.size() * sizeof(int)));
  CHECK(cudaMemcpy(pages, order.data(), order.size() * sizeof(int), cudaMemcpyDefault));
  recorder.measure({"paged_decode",
                    shape,
                    [&](cudaStream_t s, int t) {
                      decode<<<dim3(unsigned(blocks), unsigned(p.splits)), warp * warps, 0, s>>>(
                          query.at<bf16>(t), keys.at<bf16>(t), values.at<bf16>(t), pages, partial.at<float>(t), p);
                      combine<<<unsigned(blocks), head_dim, 0, s>>>(partial.at<float>(t), query.at<bf16>(t), warps,
                                                                    blocks, p.splits);
                    },
                    {}});
  CHECK(cudaFree(pages));
}

}  // namespace

void paged_decode(Recorder& recorder, int device) {
  int multiprocessors = 0;
  CHECK(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
  for (const int batch : {1, 8, 64})
    for (const int context : {512, 4096, 32768}) {
      if (!recorder.full() && batch * context > 600000) continue;
      recorder.expect(1);
      measure_problem(recorder, {batch, 32, 8, context, 1}, device, multiprocessors);
    }
}

}  // namespace microbench
