// Measurements of other programs, as they print them, into the project's raw form. Every complaint has its line.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "calibration/drift/measurement_file.hpp"

namespace plenum::calibration {

/// Times and facts found in a program's output; gpu, date and source are the caller's.
using Import = std::optional<MeasurementFile> (*)(std::string_view text, const std::string& name, Issues&);

std::optional<MeasurementFile> import_nccl_tests(std::string_view text, const std::string& name, Issues&);
std::optional<MeasurementFile> import_nvbandwidth(std::string_view text, const std::string& name, Issues&);
/// Columns `time_stats.X.median` in milliseconds; all other columns are the shape.
std::optional<MeasurementFile> import_vidur(std::string_view text, const std::string& name, Issues&);
/// `nvidia-smi --query-gpu=... --format=csv`
std::optional<MeasurementFile> import_nvidia_smi(std::string_view text, const std::string& name, Issues&);
/// `nvidia-smi topo -m`
std::optional<MeasurementFile> import_topology_matrix(std::string_view text, const std::string& name, Issues&);
/// NCCL_TOPO_DUMP_FILE
std::optional<MeasurementFile> import_nccl_topology(std::string_view text, const std::string& name, Issues&);

struct ImportFormat {
  std::string_view name, what;
  Import import;
};
inline constexpr std::array<ImportFormat, 6> import_formats{
    {{"nccl-tests", "output of all_reduce_perf and its siblings", import_nccl_tests},
     {"nvbandwidth", "output of nvbandwidth, text or JSON (-j)", import_nvbandwidth},
     {"vidur", "CSV of Vidur's profiler", import_vidur},
     {"nvidia-smi", "nvidia-smi --query-gpu=... --format=csv", import_nvidia_smi},
     {"topo", "nvidia-smi topo -m", import_topology_matrix},
     {"nccl-topology", "XML that NCCL writes to NCCL_TOPO_DUMP_FILE", import_nccl_topology}}};

}  // namespace plenum::calibration
