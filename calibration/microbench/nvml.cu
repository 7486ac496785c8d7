#include <dlfcn.h>

#include "calibration/microbench/nvml.cuh"

namespace microbench {
namespace {

/// Calls a function of the library with the given arguments; false when it is missing or fails.
template <class... Arguments>
bool call(void* library, const char* name, Arguments... arguments) {
  using Function = int (*)(Arguments...);
  const auto function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr && function(arguments...) == 0;
}

}  // namespace

Nvml::Nvml(const std::string& bus_id) : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW)) {
  if (!library_ || !call(library_, "nvmlInit_v2")) return;
  if (!call(library_, "nvmlDeviceGetHandleByPciBusId_v2", bus_id.c_str(), &device_)) device_ = nullptr;
}

Nvml::~Nvml() {
  if (!library_) return;
  call(library_, "nvmlShutdown");
  dlclose(library_);
}

std::optional<Reading> Nvml::read() const {
  if (!device_) return std::nullopt;
  constexpr int sm = 1, memory = 2, gpu_sensor = 0;  // nvmlClockType_t, nvmlTemperatureSensors_t
  Reading r;
  unsigned milliwatts = 0, processes = 0;
  bool all = call(library_, "nvmlDeviceGetClockInfo", device_, sm, &r.sm_clock);
  all = call(library_, "nvmlDeviceGetClockInfo", device_, memory, &r.memory_clock) && all;
  all = call(library_, "nvmlDeviceGetTemperature", device_, gpu_sensor, &r.temperature) && all;
  all = call(library_, "nvmlDeviceGetPowerUsage", device_, &milliwatts) && all;
  call(library_, "nvmlDeviceGetCurrentClocksThrottleReasons", device_, &r.throttle);
  void* no_list = nullptr;
  call(library_, "nvmlDeviceGetComputeRunningProcesses_v3", device_, &processes, no_list);
  r.power = milliwatts / 1e3;
  r.processes = processes;
  return all ? std::optional(r) : std::nullopt;
}

}  // namespace microbench
