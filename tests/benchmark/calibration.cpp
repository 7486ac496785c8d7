// How long it takes to load a device and to ask it for a kernel (Google Benchmark):
//   cmake --build --preset release --target benchmark_calibration && build/release/tests/benchmark_calibration
#include <benchmark/benchmark.h>

#include "calibration/device.hpp"

namespace plenum::calibration {
namespace {

const char* const names[]{"A100-80GB-SXM", "H100-SXM", "H200-SXM", "B200-SXM", "GB300"};

Device loaded(const char* name) {
  Issues issues;
  return std::move(*load_device(name, {}, "", issues));
}

void load(benchmark::State& state) {
  const char* name = names[state.range(0)];
  state.SetLabel(name);
  for (auto step : state) benchmark::DoNotOptimize(loaded(name));
}
BENCHMARK(load)->DenseRange(0, std::size(names) - 1)->Unit(benchmark::kMillisecond);

/// Sizes change from query to query, as they do in a simulation.
template <class Query>
void ask(benchmark::State& state, const Query& query) {
  const Device device = loaded("H100-SXM");
  std::int64_t i = 0;
  for (auto step : state) benchmark::DoNotOptimize(query(device, 1 + i++ % 8192));
}

void matrix_product(benchmark::State& state) {
  ask(state, [](const Device& d, std::int64_t i) { return d.matrix_product(i, 8192, 4096, 1, Precision::bf16); });
}
void attention(benchmark::State& state) {
  ask(state,
      [](const Device& d, std::int64_t i) { return d.attention(1, 32, 8, i, i, 128, true, false, Precision::bf16); });
}
void decode_attention(benchmark::State& state) {
  ask(state, [](const Device& d, std::int64_t i) {
    return d.decode_attention(64, 32, 8, i, 128, Precision::bf16, Framework::vllm);
  });
}
void experts(benchmark::State& state) {
  ask(state, [](const Device& d, std::int64_t i) {
    return d.moe({i, 4096, 1536, 128, 16, 8, true, Routing::skewed}, Precision::bf16, Framework::vllm);
  });
}
/// The longest query: three frameworks' curves, each with a roofline along every axis, and no size on a node.
void linear_layer(benchmark::State& state) {
  ask(state, [](const Device& d, std::int64_t i) { return d.linear_layer(i, 5120, 7168, Precision::fp8); });
}
BENCHMARK(matrix_product);
BENCHMARK(attention);
BENCHMARK(decode_attention);
BENCHMARK(experts);
BENCHMARK(linear_layer);

}  // namespace
}  // namespace plenum::calibration

BENCHMARK_MAIN();
