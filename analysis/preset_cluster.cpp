#include "analysis/preset_cluster.hpp"

#include <algorithm>

namespace plenum::analysis {

std::optional<topology::ClusterSpecification> preset_cluster(const std::string& name, std::int64_t gpus,
                                                             Issues& issues) {
  auto written = topology::preset(name, {}, "", issues);
  if (!written) return std::nullopt;
  if (written->find("nodes") == nullptr) json::set(*written, "/nodes=1", issues);
  topology::ClusterSpecification cluster;
  read_fields(*written, "", [&](Fields& fields) { describe(fields, cluster); }, issues);
  cluster.nodes = std::max(cluster.nodes, (gpus + cluster.node.gpus - 1) / cluster.node.gpus);
  return cluster;
}

}  // namespace plenum::analysis
