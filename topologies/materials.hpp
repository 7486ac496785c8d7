// Bill of materials of a fabric: switches, cables and optics with price and power.
#pragma once

#include <string>
#include <vector>

#include "topologies/cluster.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {

struct Material {
  std::string what;
  std::int64_t count = 0;
  Dollars price{};  ///< of all
  Watts power{};    ///< of all
};

struct BillOfMaterials {
  std::vector<Material> lines;
  Dollars price() const;
  Watts power() const;
};

/// NVLink and what stands in nodes belong to the nodes' price, and so do switches that are parts of nodes.
BillOfMaterials bill_of_materials(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
