// Where the ranks of a training job stand and with whom they communicate: its part of the cluster's traffic.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/training/segment.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

inline constexpr std::uint32_t no_group = 0xffffffff;

struct TrainingLayout {
  std::uint32_t first_rank = 0;  ///< in the traffic's numbering; the job's ranks follow each other
  std::uint32_t ranks = 0;
  std::array<std::vector<std::uint32_t>, group_dimensions> groups;  ///< by dimension and rank: group, or no_group
  std::vector<std::uint32_t> send_forward, send_backward;           ///< by rank: message to the neighbour, or no_group
};

/// Adds the job's ranks and groups. Ranks of one stage, GPU and speed are alike; jobs (`number`) never are.
TrainingLayout lay_out(const scenario::Bound&, const scenario::BoundTraining&, std::uint64_t number, Traffic&);

/// Whether groups of this dimension exchange among all pairs; the others form rings.
bool exchanges(const workload::TrainingPlan&, workload::GroupDimension);

/// NVSwitch domain of a GPU: what a collective sees as "inside the node".
std::uint32_t domain_of(const scenario::Bound&, std::uint32_t gpu);

/// Rank that holds the same place in the stage `offset` further on (around the end).
std::int64_t neighbour_stage(const workload::TrainingPlan&, std::int64_t rank, std::int64_t offset);

}  // namespace plenum::datacenter
