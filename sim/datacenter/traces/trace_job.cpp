#include "sim/datacenter/traces/trace_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace plenum::datacenter {

TraceJob::TraceJob(const scenario::Bound& bound, const scenario::BoundTrace& job, const TraceLayout& layout,
                   engine::Engine& engine, FoldedFabric& fabric)
    : bound_(bound), job_(job), layout_(layout), around_{engine, fabric} {
  std::set<std::uint32_t> seen;
  for (std::int64_t rank = 0; rank < job.trace.ranks; ++rank) {
    const auto id = fabric.rank_class(layout.first_rank() + static_cast<std::uint32_t>(rank));
    if (!seen.insert(id).second) continue;
    add_class(fabric.rank_representative(id) - layout.first_rank(), fabric.rank_class_size(id));
  }
}

void TraceJob::add_class(std::int64_t representative, std::int64_t members) {
  const auto& program = job_.trace.program(representative);
  std::vector<Exchange*> exchanges;
  for (const workload::Slot& slot : program.slots) exchanges.push_back(exchange(representative, slot));
  const auto gpu = static_cast<std::size_t>(job_.first_gpu + representative);
  const double speed = bound_.gpu_speed.empty() ? 1 : bound_.gpu_speed[gpu];
  classes_.push_back({representative, members,
                      std::make_unique<TraceRank>(around_.engine, bound_.device_at(job_.first_gpu + representative),
                                                  program, std::move(exchanges), speed)});
}

Exchange* TraceJob::exchange(std::int64_t rank, const workload::Slot& slot) {
  const TraceGroup& group = layout_.group_of(rank, slot);
  if (group.ways.empty()) return &alone_.emplace_back(around_, group, 1);
  auto& exchange = exchanges_[around_.fabric.group_class(group.ways.begin()->second)];
  if (!exchange) exchange = std::make_unique<Exchange>(around_, group, classes_needed(group, slot));
  return exchange.get();
}

/// Every class of a communicator's members comes once; of messages only the sender is waited for.
std::size_t TraceJob::classes_needed(const TraceGroup& group, const workload::Slot& slot) const {
  if (slot.kind != workload::TaskKind::collective) return 1;
  std::set<std::uint32_t> classes;
  for (const auto member : group.members) classes.insert(around_.fabric.rank_class(member));
  return classes.size();
}

TraceResult TraceJob::result() {
  TraceResult result;
  result.job = job_.name;
  result.ranks = job_.trace.ranks;
  result.recorded = static_cast<std::int64_t>(job_.trace.recorded.size());
  for (const Class& c : classes_) {
    if (!c.rank->done())
      throw SimulationFailed(fmt::format("job \"{}\": rank {} waits for {} and would wait for ever", job_.name,
                                         c.representative, c.rank->waits_for()));
    result.time = std::max(result.time, c.rank->end());
  }
  for (const Class& c : classes_) {
    auto& observed = result.classes.emplace_back(c.rank->observed(result.time));
    observed.representative = c.representative;
    observed.members = c.members;
    const auto& tasks = job_.trace.program(c.representative).tasks;
    result.tasks += c.members * static_cast<std::int64_t>(tasks.size());
    result.from_specification |= std::ranges::any_of(
        tasks, [](const workload::Task& task) { return task.operations > 0 && task.duration <= Seconds(0); });
  }
  return result;
}

}  // namespace plenum::datacenter
