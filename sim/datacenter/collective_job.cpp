#include "sim/datacenter/collective_job.hpp"

#include "sim/core/random.hpp"
#include "sim/datacenter/hop_latency.hpp"
#include "sim/scenario/collective_situation.hpp"

namespace plenum::datacenter {

workload::Pattern pattern_of(const scenario::Bound& bound, const scenario::BoundCollective& job) {
  const auto domains = scenario::domains_of(bound.cluster, job.group);
  return job.weights.empty() ? workload::pattern_of(job.kind, job.method.algorithm, domains)
                             : workload::skewed_all_to_all(job.weights, domains);
}

/// Jobs differ in when they start and what they move: none is folded with another.
std::uint32_t add_collective(const scenario::Bound& bound, const scenario::BoundCollective& job, std::uint64_t number,
                             Traffic& traffic) {
  const auto kind = mix(hash_of("collective") + number);
  std::vector<Member> members;
  for (const auto gpu : job.group) members.push_back({traffic.add_rank(gpu, kind)});
  return traffic.add_group(kind, members, pattern_of(bound, job));
}

CollectiveJob::CollectiveJob(const scenario::BoundCollective& job, std::uint32_t group, engine::Engine& engine,
                             FoldedFabric& fabric)
    : job_(job),
      group_(fabric.group_class(group)),
      engine_(engine),
      fabric_(fabric),
      timing_(over(fabric.path_latency(group_), calibration::passes(job.situation, job.kind, job.method.algorithm),
                   calibration::timing(job.situation, job.kind, job.method, job.size))),
      result_{.job = job.name, .start = job.start, .end = job.start, .repeated = 0} {}

void CollectiveJob::begin() {
  engine_.after(job_.start, [this] { start_one(); });
}

/// The fabric moves payload at its own efficiency; a job whose protocol reaches another one moves more or fewer bytes.
double CollectiveJob::bytes() const {
  const bool leaves = job_.situation.domains > 1;
  const auto fabric = fabric_.efficiency();
  const double factor =
      leaves ? fabric.network / timing_.network_efficiency : fabric.nvlink / timing_.nvlink_efficiency;
  return static_cast<double>(job_.size.value()) * factor;
}

void CollectiveJob::start_one() {
  const auto begin = engine_.now();
  fabric_.start(group_, bytes(), Seconds{}, [this, begin] {
    const auto flows = engine_.now() - begin;
    engine_.after(timing_.total(flows) - flows, [this] {
      result_.end = engine_.now();
      if (++result_.repeated < job_.repeat) start_one();
    });
  });
}

}  // namespace plenum::datacenter
