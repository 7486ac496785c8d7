// Where a group of GPUs stands, as far as the time of its collectives depends on it.
#pragma once

#include <string>
#include <vector>

#include "calibration/collectives/situation.hpp"
#include "topologies/specification.hpp"

namespace plenum::scenario {

/// NVSwitch domain of a GPU: what algorithms take as one node. A GPU without NVSwitch is a domain of its own, numbered
/// after the others.
std::uint32_t domain_of(const topology::Cluster&, std::uint32_t gpu);

/// NVLink domain of every member: what algorithms take as one node.
std::vector<std::uint32_t> domains_of(const topology::Cluster&, const std::vector<std::uint32_t>& group);

/// What the model needs to know about a group on a cluster. Members of an NVLink domain come to stand
/// together, behind its first one: who is first stays so.
calibration::Situation situation_of(const topology::Cluster&, const topology::ClusterSpecification&,
                                    const std::string& architecture, std::vector<std::uint32_t>& group);

}  // namespace plenum::scenario
