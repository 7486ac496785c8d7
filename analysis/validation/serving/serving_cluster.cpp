#include "analysis/validation/serving/serving_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "analysis/preset_cluster.hpp"
#include "analysis/validation/row_cells.hpp"

namespace plenum::analysis {
namespace {

struct System {
  std::string_view word, preset;  ///< the first word that the system's name contains decides
};
constexpr std::array systems{System{"gb300", "GB300-NVL72"},
                             System{"gb200", "GB200-NVL72"},
                             System{"gh200", "GH200"},
                             System{"b300", "DGX-B300"},
                             System{"b200", "DGX-B200"},
                             System{"h200", "DGX-H200"},
                             System{"h100", "DGX-H100"},
                             System{"a100", "DGX-A100"},
                             System{"l40s", "L40S-PCIe4"},
                             System{"6000pro", "RTX-PRO-6000-PCIe5"},
                             System{"pro6000", "RTX-PRO-6000-PCIe5"},
                             System{"rtx4090", "RTX-4090-PCIe4"}};

/// "RTX 6000 Pro" is "rtx6000pro".
std::string letters_and_digits(std::string_view name) {
  std::string kept;
  for (const unsigned char c : name)
    if (std::isalnum(c)) kept += static_cast<char>(std::tolower(c));
  return kept;
}

}  // namespace

topology::ClusterSpecification serving_cluster(std::string_view system, std::int64_t gpus) {
  const std::string name = letters_and_digits(system);
  const auto found = std::ranges::find_if(systems, [&](const System& s) { return name.find(s.word) != name.npos; });
  if (found == systems.end()) throw Unsupported{fmt::format("no calibration for the system \"{}\"", system)};
  Issues issues;
  auto cluster = preset_cluster(std::string(found->preset), gpus, issues);
  if (!cluster || issues.has_errors()) throw Unsupported{fmt::format("no cluster of {} GPUs of {}", gpus, system)};
  return *cluster;
}

}  // namespace plenum::analysis
