// What the card draws and how fast it clocks: idle, while it reads, under matrix load until the temperature stands.
#include <chrono>
#include <string>
#include <thread>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/matrix_load.cuh"
#include "calibration/microbench/nvml.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

constexpr int copy_mebibytes = 256;

std::string text_of(const Reading& r) {
  return std::to_string(r.sm_clock) + " MHz, memory " + std::to_string(r.memory_clock) + " MHz, " +
         std::to_string(r.temperature) + " C, " + std::to_string(r.power) + " W, throttle reasons " +
         std::to_string(r.throttle);
}

template <class Step>
void run_for(double seconds, cudaStream_t stream, const Step& step) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 8; ++i) step(i);
    CHECK(cudaStreamSynchronize(stream));
  }
}

/// Keeps the load until the temperature stands for three readings, at most two minutes; eight
/// seconds in the quick set.
template <class Step>
void state(Recorder& recorder, const Nvml& nvml, const std::string& name, const Step& step) {
  unsigned before = 0;
  int standing = 0;
  const int most = recorder.full() ? 24 : 4, seconds = recorder.full() ? 5 : 2;
  for (int i = 0; i < most && standing < 3; ++i) {
    run_for(seconds, recorder.stream(), step);
    const auto reading = nvml.read();
    if (!reading) return;
    recorder.fact(name + " after " + std::to_string(seconds * (i + 1)) + " s", text_of(*reading));
    standing = reading->temperature == before ? standing + 1 : 0;
    before = reading->temperature;
  }
}

}  // namespace

void power_and_clocks(Recorder& recorder, int device) {
  const Nvml nvml(device);
  const auto idle = nvml.read();
  if (!idle) return recorder.fact("NVML", "not available: no clocks, no power");
  recorder.fact("idle", text_of(*idle));
  if (const std::string why = trouble(*idle); !why.empty()) give_up(why, __FILE__, __LINE__);
  if (idle->power > 200)
    give_up("the card draws " + std::to_string(idle->power) + " W before anything runs: other programs use it",
            __FILE__, __LINE__);
  constexpr std::size_t bytes = std::size_t{copy_mebibytes} << 20;
  const Rotating from(bytes, Content::bits16, device), to(bytes, Content::bits16, device);
  state(recorder, nvml, "reading and writing", [&](int turn) {
    CHECK(cudaMemcpyAsync(to.at<char>(turn), from.at<char>(turn), bytes, cudaMemcpyDeviceToDevice, recorder.stream()));
  });
  const MatrixLoad load(8192, device);
  state(recorder, nvml, "matrix load", [&](int turn) { load.run(recorder.stream(), turn); });
}

}  // namespace microbench
