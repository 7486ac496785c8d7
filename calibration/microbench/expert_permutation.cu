// What experts need beside their products: tokens sorted by expert (each token's row is written top_k times), and the
// weighted sum that brings the results back. With expert parallelism the same copies fill the buffers of an all-to-all.
#include <cuda_bf16.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

using bf16 = __nv_bfloat16;
constexpr int threads = 256;

/// Row `i` of the result is the token of slot[i].
__global__ void permute(const uint4* tokens, uint4* sorted, const int* slot, int top_k, int width) {
  const std::size_t from = std::size_t(slot[blockIdx.x] / top_k) * width, to = std::size_t(blockIdx.x) * width;
  for (int i = int(threadIdx.x); i < width; i += threads) sorted[to + i] = tokens[from + i];
}

/// A token is the sum of its top_k rows, each times its weight. `place[token * top_k + j]`: where its j-th row lies.
__global__ void combine(const bf16* sorted, const float* weight, bf16* tokens, const int* place, int top_k,
                        int hidden) {
  for (int i = int(threadIdx.x); i < hidden; i += threads) {
    float sum = 0;
    for (int j = 0; j < top_k; ++j) {
      const std::size_t at = std::size_t(blockIdx.x) * top_k + j;
      sum += weight[at] * __bfloat162float(sorted[std::size_t(place[at]) * hidden + i]);
    }
    tokens[std::size_t(blockIdx.x) * hidden + i] = __float2bfloat16(sum);
  }
}

/// Slots in the order of pseudo-random experts, and where each slot went.
struct Order {
  std::vector<int> slot, place;
};
Order order_of(int slots, int experts) {
  Order order{std::vector<int>(std::size_t(slots)), std::vector<int>(std::size_t(slots))};
  const auto expert = [&](int s) { return (std::uint32_t(s) * 2654435761U >> 7) % std::uint32_t(experts); };
  std::iota(order.slot.begin(), order.slot.end(), 0);
  std::stable_sort(order.slot.begin(), order.slot.end(), [&](int a, int b) { return expert(a) < expert(b); });
  for (int i = 0; i < slots; ++i) order.place[std::size_t(order.slot[std::size_t(i)])] = i;
  return order;
}

int* on_device(const std::vector<int>& values) {
  int* memory = nullptr;
  CHECK(cudaMalloc(&memory, values.size() * sizeof(int)));
  CHECK(cudaMemcpy(memory, values.data(), values.size() * sizeof(int), cudaMemcpyHostToDevice));
  return memory;
}

/// The last sorted row must be its token's.
std::string wrong_permutation(const char* tokens, const char* sorted, const Order& order, int top_k, int bytes) {
  std::vector<char> expected(static_cast<std::size_t>(bytes)), found(expected);
  const auto token = std::size_t(order.slot.back() / top_k);
  CHECK(cudaMemcpy(expected.data(), tokens + token * std::size_t(bytes), expected.size(), cudaMemcpyDefault));
  CHECK(cudaMemcpy(found.data(), sorted + (order.slot.size() - 1) * std::size_t(bytes), found.size(),
                   cudaMemcpyDefault));
  return expected == found ? "" : "the last row is not its token's";
}

void measure_size(Recorder& recorder, int tokens, int hidden, int top_k, int experts, int device) {
  const std::string shape = "bf16 tokens=" + std::to_string(tokens) + " hidden=" + std::to_string(hidden) +
                            " top_k=" + std::to_string(top_k) + " experts=" + std::to_string(experts);
  const Order order = order_of(tokens * top_k, experts);
  int *slot = on_device(order.slot), *place = on_device(order.place);
  const std::size_t bytes = std::size_t(tokens) * std::size_t(hidden) * 2;
  const Rotating x(bytes, Content::bits16, device), y(bytes * std::size_t(top_k), Content::bits16, device),
      weight(std::size_t(tokens) * std::size_t(top_k) * 4, Content::floats, device);
  recorder.measure({"expert_permute", shape,
                    [&](cudaStream_t s, int t) {
                      permute<<<unsigned(tokens * top_k), threads, 0, s>>>(x.at<uint4>(t), y.at<uint4>(t), slot, top_k,
                                                                           hidden / 8);
                    },
                    [&] { return wrong_permutation(x.at<char>(0), y.at<char>(0), order, top_k, 2 * hidden); }});
  recorder.measure({"expert_combine", shape,
                    [&](cudaStream_t s, int t) {
                      combine<<<unsigned(tokens), threads, 0, s>>>(y.at<bf16>(t), weight.at<float>(t), x.at<bf16>(t),
                                                                   place, top_k, hidden);
                    },
                    {}});
  CHECK(cudaFree(slot));
  CHECK(cudaFree(place));
}

}  // namespace

void expert_permutation(Recorder& recorder, int device) {
  for (const int hidden : {4096, 7168})
    for (const int tokens : {1, 128, 4096, 16384}) {
      if (!recorder.full() && hidden == 7168) continue;
      recorder.expect(2);
      measure_size(recorder, tokens, hidden, 8, 128, device);
    }
}

}  // namespace microbench
