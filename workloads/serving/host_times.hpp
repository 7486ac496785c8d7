// What a serving engine spends beside its kernels: constants per engine and version, fitted to measured runs
// (`plenum calibrate engines`) and kept in workloads/catalogue/host_times.json.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "workloads/serving/engine_profile.hpp"

namespace plenum::workload {

/// One constant: a time in microseconds, or a factor (`unit` empty).
struct HostTime {
  std::string_view name, doc, unit;
  double (*get)(const EngineProfile&);
  void (*set)(EngineProfile&, double);
  double least;  ///< what a fit tries first when the constant is 0; less than that is 0
};
std::span<const HostTime> host_times();

/// Copies all of them.
void copy_host_times(const EngineProfile& from, EngineProfile& to);

std::filesystem::path host_times_file();
/// The file's text, for the engines in this order.
std::string host_times_text(std::string_view source, std::span<const EngineProfile>);

}  // namespace plenum::workload
