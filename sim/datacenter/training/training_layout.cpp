#include "sim/datacenter/training/training_layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <stdexcept>

#include "sim/core/random.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::datacenter {
namespace {

using workload::Coordinates;
using workload::ExpertCoordinates;
using workload::GroupDimension;
using workload::TrainingPlan;

constexpr std::uint64_t kind_of(std::uint64_t job, std::uint64_t what, std::uint64_t which) {
  return mix(mix(mix(job) ^ what) ^ which);
}

/// Members of the group of `rank`, whose own coordinates in the grouped dimensions are zero.
std::vector<std::int64_t> group_members(const TrainingPlan& plan, GroupDimension dimension, Coordinates at) {
  std::vector<std::int64_t> members;
  switch (dimension) {
    case GroupDimension::tensor:
      for (at.tensor = 0; at.tensor < plan.tensor_parallel; ++at.tensor) members.push_back(rank_of(plan, at));
      break;
    case GroupDimension::context:
      for (at.context = 0; at.context < plan.context_parallel; ++at.context) members.push_back(rank_of(plan, at));
      break;
    case GroupDimension::data:
      for (at.data = 0; at.data < plan.data_parallel; ++at.data) {
        for (at.context = 0; at.context < plan.context_parallel; ++at.context) members.push_back(rank_of(plan, at));
      }
      break;
    case GroupDimension::embedding:
      if (at.pipeline == 0 && ends_apart(plan)) {
        members.push_back(rank_of(plan, at));
        at.pipeline = plan.pipeline_parallel - 1;
        members.push_back(rank_of(plan, at));
      }
      break;
    case GroupDimension::pipeline:
      break;  // messages, not groups
    default:
      throw std::logic_error("groups of experts have coordinates of their own");
  }
  std::sort(members.begin(), members.end());  // members of a node stand together
  return members;
}

/// The same for groups of experts.
std::vector<std::int64_t> expert_group_members(const TrainingPlan& plan, GroupDimension dimension, std::int64_t rank) {
  const std::int64_t stage = coordinates_of(plan, rank).pipeline;
  ExpertCoordinates at = expert_coordinates_of(plan, rank);
  std::int64_t& coordinate = dimension == GroupDimension::expert          ? at.expert
                             : dimension == GroupDimension::expert_tensor ? at.tensor
                                                                          : at.data;
  const std::int64_t size = dimension == GroupDimension::expert          ? plan.expert_parallel
                            : dimension == GroupDimension::expert_tensor ? plan.expert_tensor_parallel
                                                                         : plan.expert_data_parallel();
  std::vector<std::int64_t> members;
  for (coordinate = 0; coordinate < size; ++coordinate) members.push_back(rank_of(plan, at, stage));
  std::sort(members.begin(), members.end());
  return members;
}

constexpr bool is_of_experts(GroupDimension dimension) {
  return dimension >= GroupDimension::expert && dimension <= GroupDimension::expert_data;
}

/// Those of a data-parallel group that hold one copy of the states, or the same part of each copy.
std::vector<std::int64_t> hybrid_members(const TrainingPlan& plan, GroupDimension dimension, std::int64_t rank) {
  Coordinates at = coordinates_of(plan, rank);
  at.data = at.context = 0;
  const auto all = group_members(plan, GroupDimension::data, at);
  const std::int64_t place = std::ranges::find(all, rank) - all.begin();
  std::vector<std::int64_t> members;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(all.size()); ++i) {
    const bool together = dimension == GroupDimension::shard ? i / plan.shards == place / plan.shards
                                                             : i % plan.shards == place % plan.shards;
    if (together) members.push_back(all[static_cast<std::size_t>(i)]);
  }
  return members;
}

/// Chance that a token goes to one of `places` equal places, of `active` experts drawn one by one.
double reached(std::size_t places, std::int64_t active) {
  return 1 - std::pow(1 - 1 / static_cast<double>(places), static_cast<double>(active));
}

/// What crosses between domains when a token goes there once and is handed on inside (DeepEP, HybridEP), over what does
/// when it goes to each of its ranks.
double once_per_domain(const std::vector<std::uint32_t>& domains, std::int64_t active) {
  const std::size_t places = std::set(domains.begin(), domains.end()).size();
  return reached(places, active) / reached(domains.size(), active) * static_cast<double>(places) /
         static_cast<double>(domains.size());
}

/// Every member sends an equal part of its buffer to every other one, all at once; a fraction of it to other domains.
workload::Pattern exchange_among(const std::vector<std::uint32_t>& domains, double across) {
  workload::Pattern pattern{.flows = {}, .steps = 1, .inter_node_steps = 0};
  const auto members = static_cast<std::uint32_t>(domains.size());
  const double share = 1 / static_cast<double>(members);
  for (std::uint32_t from = 0; from < members; ++from)
    for (std::uint32_t to = 0; to < members; ++to)
      if (from != to) pattern.flows.push_back({from, to, domains[from] == domains[to] ? share : across * share});
  return pattern;
}

class Builder {
 public:
  Builder(const scenario::Bound& bound, const scenario::BoundTraining& job, std::uint64_t number, Traffic& traffic)
      : bound_(bound), job_(job), number_(number), traffic_(traffic) {}

  TrainingLayout build() {
    layout_.first_rank = static_cast<std::uint32_t>(traffic_.ranks.size());
    layout_.ranks = static_cast<std::uint32_t>(job_.plan.ranks());
    add_ranks();
    for (const auto dimension :
         {GroupDimension::tensor, GroupDimension::context, GroupDimension::data, GroupDimension::embedding}) {
      add_groups(dimension);
    }
    if (shards_data(job_.plan)) {
      add_groups(GroupDimension::shard);
      add_groups(GroupDimension::copies);
    }
    if (job_.model.experts) {
      for (const auto dimension : {GroupDimension::expert, GroupDimension::expert_tensor, GroupDimension::expert_data})
        add_groups(dimension);
    }
    if (job_.plan.pipeline_parallel > 1) {
      layout_.send_forward = messages(1);
      layout_.send_backward = messages(-1);
    }
    return std::move(layout_);
  }

 private:
  std::uint32_t gpu_of(std::int64_t rank) const { return static_cast<std::uint32_t>(job_.first_gpu + rank); }
  std::uint32_t number_of(std::int64_t rank) const { return layout_.first_rank + static_cast<std::uint32_t>(rank); }

  void add_ranks() {
    for (std::int64_t rank = 0; rank < layout_.ranks; ++rank) {
      const auto stage = static_cast<std::uint64_t>(coordinates_of(job_.plan, rank).pipeline);
      const double speed = bound_.gpu_speed.empty() ? 1.0 : bound_.gpu_speed[gpu_of(rank)];
      const auto gpu = mix(std::bit_cast<std::uint64_t>(speed)) ^ hash_of(bound_.device_at(gpu_of(rank)).name);
      traffic_.add_rank(gpu_of(rank), kind_of(number_, stage, gpu));
    }
  }

  void add_groups(GroupDimension dimension) {
    auto& group_of = layout_.groups[static_cast<std::size_t>(dimension)];
    group_of.assign(layout_.ranks, no_group);
    for (std::int64_t rank = 0; rank < layout_.ranks; ++rank) {
      if (group_of[static_cast<std::size_t>(rank)] != no_group) continue;
      const auto ranks = members_of(dimension, rank);
      if (ranks.size() < 2) continue;
      const std::uint32_t group = add_group(dimension, ranks);
      for (const std::int64_t member : ranks) group_of[static_cast<std::size_t>(member)] = group;
    }
  }

  std::vector<std::int64_t> members_of(GroupDimension dimension, std::int64_t rank) const {
    if (is_of_experts(dimension)) return expert_group_members(job_.plan, dimension, rank);
    if (dimension >= GroupDimension::shard) return hybrid_members(job_.plan, dimension, rank);
    return group_members(job_.plan, dimension, coordinates_of(job_.plan, rank));
  }

  std::uint32_t add_group(GroupDimension dimension, const std::vector<std::int64_t>& ranks) {
    std::vector<Member> members;
    std::vector<std::uint32_t> domains;
    for (const std::int64_t rank : ranks) {
      members.push_back({number_of(rank), 0});
      domains.push_back(domain_of(bound_, gpu_of(rank)));
    }
    const auto pattern = exchanges(job_.plan, dimension)
                             ? exchange_among(domains, across(dimension, domains))
                             : workload::ring(workload::CollectiveKind::all_gather, domains);
    return traffic_.add_group(kind_of(number_, 1000 + static_cast<std::uint64_t>(dimension), 0), members, pattern);
  }

  double across(GroupDimension dimension, const std::vector<std::uint32_t>& domains) const {
    const bool once = dimension == GroupDimension::expert && job_.plan.dispatch == workload::Dispatch::per_rank;
    return once ? once_per_domain(domains, job_.model.experts->active) : 1;
  }

  /// One message per rank to the stage `offset` further on, where there is one.
  std::vector<std::uint32_t> messages(std::int64_t offset) {
    const workload::Pattern pattern{.flows = {{0, 1, 1.0}}, .steps = 1, .inter_node_steps = 0};
    std::vector<std::uint32_t> groups;
    for (std::int64_t rank = 0; rank < layout_.ranks; ++rank) {
      if (!sends(coordinates_of(job_.plan, rank).pipeline + offset)) {
        groups.push_back(no_group);
        continue;
      }
      const Member members[]{{number_of(rank), 0}, {number_of(neighbour_stage(job_.plan, rank, offset)), 1}};
      groups.push_back(
          traffic_.add_group(kind_of(number_, 2000, static_cast<std::uint64_t>(offset)), members, pattern));
    }
    return groups;
  }

  /// Interleaved schedules pass from the last stage on to the first.
  bool sends(std::int64_t to_stage) const {
    const bool goes_round = job_.plan.virtual_stages > 1 && !is_v_shaped(job_.plan.schedule);
    return goes_round || (to_stage >= 0 && to_stage < job_.plan.pipeline_parallel);
  }

  const scenario::Bound& bound_;
  const scenario::BoundTraining& job_;
  std::uint64_t number_;
  Traffic& traffic_;
  TrainingLayout layout_;
};

}  // namespace

bool exchanges(const TrainingPlan& plan, GroupDimension dimension) {
  return dimension == GroupDimension::expert ||
         (dimension == GroupDimension::context && plan.context_method == workload::ContextMethod::all_to_all);
}

std::uint32_t domain_of(const scenario::Bound& bound, std::uint32_t gpu) {
  const std::int64_t node = bound.cluster.node_of(gpu);
  return static_cast<std::uint32_t>(node / std::max<std::int64_t>(1, bound.specification.node.nvlink_domain_nodes));
}

std::int64_t neighbour_stage(const TrainingPlan& plan, std::int64_t rank, std::int64_t offset) {
  Coordinates at = coordinates_of(plan, rank);
  at.pipeline = (at.pipeline + offset + plan.pipeline_parallel) % plan.pipeline_parallel;
  return rank_of(plan, at);
}

TrainingLayout lay_out(const scenario::Bound& bound, const scenario::BoundTraining& job, std::uint64_t number,
                       Traffic& traffic) {
  return Builder(bound, job, number, traffic).build();
}

}  // namespace plenum::datacenter
