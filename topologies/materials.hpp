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
  Dollars price{};        ///< of all
  Watts power{};          ///< of all
  bool published = true;  ///< price and power; else both are zero here and unknown
  bool in_nodes = false;  ///< a part of the nodes, whose price and power hold its
};

struct BillOfMaterials {
  std::vector<Material> lines;
  Dollars price() const;  ///< of the lines whose price is published
  Watts power() const;    ///< the same
  bool complete() const;  ///< all are
};

/// NVSwitches are counted; their price, as that of all that stands in nodes, is the nodes'.
BillOfMaterials bill_of_materials(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
