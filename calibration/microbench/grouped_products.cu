// The experts' products: a weight matrix per group and as many rows as the router brought it, evenly and by a power law,
// in one call of cuBLAS.
#include <cublas_v2.h>

#include <cmath>
#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

struct Problem {
  int groups, rows, n, k;  ///< rows: of all groups together
  bool skewed;
};

/// Rows of each group, at least one: equal, or falling as 1/rank.
std::vector<int> rows_of(const Problem& p) {
  double weights = 0;
  for (int g = 0; g < p.groups; ++g) weights += p.skewed ? 1.0 / (g + 1) : 1;
  std::vector<int> rows;
  for (int g = 0; g < p.groups; ++g)
    rows.push_back(std::max(1, int(std::lround(p.rows * (p.skewed ? 1.0 / (g + 1) : 1) / weights))));
  return rows;
}

/// A device's copy of host pointers.
class Pointers {
 public:
  explicit Pointers(const std::vector<const void*>& values) {
    CHECK(cudaMalloc(&memory_, values.size() * sizeof(void*)));
    CHECK(cudaMemcpy(memory_, values.data(), values.size() * sizeof(void*), cudaMemcpyHostToDevice));
  }
  ~Pointers() { cudaFree(memory_); }
  Pointers(const Pointers&) = delete;
  Pointers& operator=(const Pointers&) = delete;
  void** get() const { return memory_; }

 private:
  void** memory_ = nullptr;
};

void measure_problem(Recorder& recorder, cublasHandle_t handle, const Problem& p, int device) {
  const std::string shape = "bf16 groups=" + std::to_string(p.groups) + " rows=" + std::to_string(p.rows) +
                            " n=" + std::to_string(p.n) + " k=" + std::to_string(p.k) +
                            (p.skewed ? " skewed" : " balanced");
  const auto rows = rows_of(p);
  std::size_t all = 0;
  for (const int r : rows) all += std::size_t(r);
  const auto bytes = [](std::size_t r, int c) { return r * std::size_t(c) * 2; };
  const Rotating w(bytes(std::size_t(p.groups) * p.n, p.k), Content::bits16, device);
  const Rotating x(bytes(all, p.k), Content::bits16, device), d(bytes(all, p.n), Content::bits16, device);
  std::vector<const void*> weights, inputs, results;
  std::size_t first = 0;
  for (int g = 0; g < p.groups; ++g) {
    weights.push_back(w.at<char>(0) + bytes(std::size_t(g) * p.n, p.k));
    inputs.push_back(x.at<char>(0) + bytes(first, p.k));
    results.push_back(d.at<char>(0) + bytes(first, p.n));
    first += std::size_t(rows[std::size_t(g)]);
  }
  const Pointers a(weights), b(inputs), c(results);
  const std::vector<cublasOperation_t> transposed(rows.size(), CUBLAS_OP_T), plain(rows.size(), CUBLAS_OP_N);
  const std::vector<int> n(rows.size(), p.n), k(rows.size(), p.k), single(rows.size(), 1);
  const std::vector<float> one(rows.size(), 1), zero(rows.size(), 0);
  recorder.measure({"grouped_product", shape,
                    [&](cudaStream_t stream, int) {
                      CHECK(cublasSetStream(handle, stream));
                      CHECK(cublasGemmGroupedBatchedEx(
                          handle, transposed.data(), plain.data(), n.data(), rows.data(), k.data(), one.data(), a.get(),
                          CUDA_R_16BF, k.data(), b.get(), CUDA_R_16BF, k.data(), zero.data(), c.get(), CUDA_R_16BF,
                          n.data(), p.groups, single.data(), CUBLAS_COMPUTE_32F));
                    },
                    {},
                    false});  // cuBLAS copies the problem's sizes from the host
}

}  // namespace

void grouped_products(Recorder& recorder, int device) {
  cublasHandle_t handle{};
  CHECK(cublasCreate(&handle));
  for (const int groups : {8, 64})
    for (const int per_group : {1, 16, 128, 1024})
      for (const bool skewed : {false, true}) {
        if (!recorder.full() && (skewed || per_group == 1024)) continue;
        recorder.expect(1);
        measure_problem(recorder, handle, {groups, groups * per_group, 4096, 2048, skewed}, device);
      }
  CHECK(cublasDestroy(handle));
}

}  // namespace microbench
