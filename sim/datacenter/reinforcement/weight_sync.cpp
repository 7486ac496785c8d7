#include "sim/datacenter/reinforcement/weight_sync.hpp"

#include <algorithm>
#include <numeric>

#include "sim/core/random.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::datacenter {
namespace {

using workload::TrainingPlan;

/// Ranks of a pipeline stage that hold one copy of its parameters together; they stand in a row.
std::int64_t copy_width(const TrainingPlan& plan, bool has_experts) {
  if (plan.sharding == workload::Sharding::parameters) {
    const std::int64_t all = plan.data_parallel * plan.context_parallel;
    return plan.tensor_parallel * (plan.shards > 0 ? plan.shards : all);
  }
  return has_experts ? std::lcm(plan.tensor_parallel, plan.expert_parallel * plan.expert_tensor_parallel)
                     : plan.tensor_parallel;
}

class Builder {
 public:
  Builder(const scenario::Bound& bound, const scenario::BoundReinforcement& job, const TrainingLayout& actor,
          std::uint64_t number, Traffic& traffic)
      : bound_(bound),
        job_(job),
        plan_(job.plan),
        actor_(actor),
        kind_(mix(mix(number) ^ hash_of("weight sync"))),
        traffic_(traffic),
        width_(copy_width(plan_, job.model.experts.has_value())) {}

  WeightSync build() {
    workload::ServingPlan wide = job_.rollout->pool.plan;
    wide.precision = wide.expert_precision = Precision::bf16;
    sync_.slice = workload::weight_bytes(job_.model, wide);
    if (!job_.colocated()) add_rollout_ranks();
    if (job_.weight_sync == scenario::WeightSync::reshard) {
      sync_.unit = sync_.slice;
      for (std::int64_t copy = 0; copy < copies(); ++copy) send_slices(copy);
    } else {
      sync_.unit = Bytes(2 * job_.model.parameters());
      for (std::int64_t copy = 0; copy < (job_.colocated() ? copies() : 1); ++copy) gather(copy);
      if (!job_.colocated()) broadcast();
    }
    return std::move(sync_);
  }

 private:
  std::int64_t copies() const { return plan_.ranks_per_stage() / width_; }
  std::int64_t rollout_gpus() const { return job_.rollout->gpus(); }

  /// Ranks of a copy, on all stages, in the order of their GPUs.
  std::vector<std::int64_t> holders(std::int64_t copy) const {
    std::vector<std::int64_t> ranks;
    const std::int64_t tensor = plan_.tensor_parallel, context = plan_.context_parallel;
    for (std::int64_t place = copy * width_; place < (copy + 1) * width_; ++place)
      for (std::int64_t stage = 0; stage < plan_.pipeline_parallel; ++stage)
        ranks.push_back(rank_of(plan_, workload::Coordinates{.tensor = place % tensor,
                                                             .context = place / tensor % context,
                                                             .data = place / tensor / context,
                                                             .pipeline = stage}));
    std::ranges::sort(ranks);
    return ranks;
  }

  std::int64_t copy_of_rank(std::int64_t rank) const {
    const auto at = coordinates_of(plan_, rank);
    return (at.tensor + plan_.tensor_parallel * (at.context + plan_.context_parallel * at.data)) / width_;
  }

  /// The copy from which a GPU of the rollout gets its slice.
  std::int64_t source_of(std::int64_t gpu) const {
    return job_.colocated() ? copy_of_rank(gpu) : gpu * copies() / rollout_gpus();
  }

  void add_rollout_ranks() {
    first_rollout_ = static_cast<std::uint32_t>(traffic_.ranks.size());
    for (std::int64_t gpu = 0; gpu < rollout_gpus(); ++gpu)
      traffic_.add_rank(static_cast<std::uint32_t>(job_.rollout->first_gpu() + gpu), kind_);
  }

  Member trainer(std::int64_t rank) const { return {actor_.first_rank + static_cast<std::uint32_t>(rank), 0}; }
  Member receiver(std::int64_t gpu) const {
    return job_.colocated() ? trainer(gpu) : Member{first_rollout_ + static_cast<std::uint32_t>(gpu), 1};
  }

  void add(const std::vector<Member>& members, const workload::Pattern& pattern, std::uint64_t what) {
    if (pattern.flows.empty()) return;
    for (const auto& flow : pattern.flows) sync_.bytes += flow.share * static_cast<double>(sync_.unit.value());
    sync_.groups.push_back(traffic_.add_group(mix(kind_ ^ what), members, pattern));
  }

  std::vector<std::uint32_t> domains_of(const std::vector<Member>& members) const {
    std::vector<std::uint32_t> domains;
    for (const Member& member : members) domains.push_back(domain_of(bound_, traffic_.ranks[member.rank].gpu));
    return domains;
  }

  void gather(std::int64_t copy) {
    std::vector<Member> members;
    for (const auto rank : holders(copy)) members.push_back(trainer(rank));
    if (members.size() > 1) add(members, workload::ring(CollectiveKind::all_gather, domains_of(members)), 1);
  }

  void broadcast() {
    std::vector<Member> members{trainer(holders(0).front())};
    for (std::int64_t gpu = 0; gpu < rollout_gpus(); ++gpu) members.push_back(receiver(gpu));
    add(members, workload::pattern_of(CollectiveKind::broadcast, CollectiveAlgorithm::ring, domains_of(members)), 2);
  }

  void send_slices(std::int64_t copy) {
    const auto ranks = holders(copy);
    std::vector<Member> members;
    for (const auto rank : ranks) members.push_back(trainer(rank));
    workload::Pattern pattern{.flows = {}, .steps = 1, .inter_node_steps = 0, .independent = true};
    for (std::int64_t gpu = 0; gpu < rollout_gpus(); ++gpu) {
      if (source_of(gpu) != copy) continue;
      const auto place = static_cast<std::uint32_t>(job_.colocated() ? std::ranges::find(ranks, gpu) - ranks.begin()
                                                                     : std::ssize(members));
      if (!job_.colocated()) members.push_back(receiver(gpu));
      for (std::uint32_t from = 0; from < ranks.size(); ++from)
        if (from != place) pattern.flows.push_back({from, place, 1 / static_cast<double>(ranks.size())});
    }
    add(members, pattern, 3);
  }

  const scenario::Bound& bound_;
  const scenario::BoundReinforcement& job_;
  const TrainingPlan& plan_;
  const TrainingLayout& actor_;
  std::uint64_t kind_;
  Traffic& traffic_;
  std::int64_t width_;
  std::uint32_t first_rollout_ = 0;
  WeightSync sync_;
};

}  // namespace

WeightSync add_weight_sync(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                           const TrainingLayout& actor, std::uint64_t number, Traffic& traffic) {
  return Builder(bound, job, actor, number, traffic).build();
}

}  // namespace plenum::datacenter
