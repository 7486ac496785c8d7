#include "analysis/validation/serving/serving_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/preset_cluster.hpp"
#include "analysis/validation/row_cells.hpp"

namespace plenum::analysis {
namespace {

struct System {
  std::string_view name, preset;
};
constexpr std::array systems{System{"a100_sxm", "DGX-A100"}, System{"h100_sxm", "DGX-H100"},
                             System{"h200_sxm", "DGX-H200"}, System{"b200_sxm", "DGX-B200"},
                             System{"b300_sxm", "DGX-B300"}, System{"gb200", "GB200-NVL72"},
                             System{"gb300", "GB300-NVL72"}};

}  // namespace

topology::ClusterSpecification serving_cluster(std::string_view system, std::int64_t gpus) {
  const auto found = std::ranges::find(systems, system, &System::name);
  if (found == systems.end()) throw Unsupported{fmt::format("no calibration for the system \"{}\"", system)};
  Issues issues;
  auto cluster = preset_cluster(std::string(found->preset), gpus, issues);
  if (!cluster || issues.has_errors()) throw Unsupported{fmt::format("no cluster of {} GPUs of {}", gpus, system)};
  return *cluster;
}

}  // namespace plenum::analysis
