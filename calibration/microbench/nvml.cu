#include <dlfcn.h>

#include "calibration/microbench/check.cuh"
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

std::string bus_id(int device) {
  char text[32];
  CHECK(cudaDeviceGetPCIBusId(text, sizeof text, device));
  return text;
}

}  // namespace

Nvml::Nvml(int device) : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW)) {
  if (!library_ || !call(library_, "nvmlInit_v2")) return;
  if (!call(library_, "nvmlDeviceGetHandleByPciBusId_v2", bus_id(device).c_str(), &device_)) device_ = nullptr;
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

std::string trouble(const Reading& r) {
  // nvmlClocksEventReason...: HwSlowdown, SwThermalSlowdown, HwThermalSlowdown, HwPowerBrakeSlowdown
  constexpr unsigned long long too_hot = 0x20 | 0x40, braked = 0x8 | 0x80;
  if (r.throttle & too_hot)
    return "the card throttles at " + std::to_string(r.temperature) + " C: cool it, then start again";
  if (r.throttle & braked) return "the card is slowed down by its power supply (HW slowdown): see nvidia-smi -q -d PERFORMANCE";
  if (r.processes > 1)
    return std::to_string(r.processes - 1) + " other programs compute on the card: stop them, or choose another --device";
  return "";
}

}  // namespace microbench
