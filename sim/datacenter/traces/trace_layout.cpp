#include "sim/datacenter/traces/trace_layout.hpp"

#include <algorithm>
#include <bit>

#include "sim/core/random.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {
namespace {

using workload::Slot;
using workload::TaskKind;

constexpr std::uint64_t kind_number(std::uint64_t job, std::uint64_t what, std::uint64_t which) {
  return mix(mix(mix(job) ^ what) ^ which);
}

/// A slot of the program, found by what it is.
std::uint32_t slot_number(const workload::Program& program, TaskKind kind, const std::string& communicator) {
  const auto found = std::ranges::find_if(
      program.slots, [&](const Slot& slot) { return slot.kind == kind && slot.communicator == communicator; });
  return static_cast<std::uint32_t>(found - program.slots.begin());
}

}  // namespace

CollectiveKind kind_of(const workload::Task& task) {
  return task.kind == TaskKind::collective ? task.collective : CollectiveKind::send_receive;
}

Bytes bytes_of(const workload::Task& task, std::size_t members) {
  return task.kind == TaskKind::collective ? workload::whole_buffer(task, members) : task.bytes;
}

TraceLayout::TraceLayout(const scenario::Bound& bound, const scenario::BoundTrace& job, std::uint64_t number,
                         Traffic& traffic)
    : bound_(bound), job_(job), number_(number), traffic_(traffic) {
  add_ranks();
  for (std::int64_t rank = 0; rank < job.trace.ranks; ++rank)
    for (const Slot& slot : job.trace.program(rank).slots) {
      if (slot.kind == TaskKind::send) add_messages(rank, slot);
      if (slot.kind == TaskKind::collective && rank == first_member(job.trace, rank, slot.communicator))
        add_communicator(rank, slot);
    }
}

TraceLayout::Key TraceLayout::key_of(std::int64_t rank, const Slot& slot) const {
  if (slot.kind == TaskKind::collective)
    return {slot.communicator, first_member(job_.trace, rank, slot.communicator), 0, 0};
  const auto peer = peer_of(job_.trace, rank, slot.peer);
  const bool sends = slot.kind == TaskKind::send;
  return {"\n", sends ? rank : peer, sends ? peer : rank, slot.tag};  // no communicator is called a line break
}

const TraceGroup& TraceLayout::group_of(std::int64_t rank, const Slot& slot) const {
  return groups_.at(key_of(rank, slot));
}

void TraceLayout::add_ranks() {
  first_rank_ = static_cast<std::uint32_t>(traffic_.ranks.size());
  for (std::int64_t rank = 0; rank < job_.trace.ranks; ++rank) {
    const double speed = bound_.gpu_speed.empty() ? 1.0 : bound_.gpu_speed[gpu_of(rank)];
    const auto program = job_.trace.program(rank).signature;
    const auto gpu = mix(std::bit_cast<std::uint64_t>(speed)) ^ hash_of(bound_.device_at(gpu_of(rank)).name);
    traffic_.add_rank(gpu_of(rank), kind_number(number_, program, gpu));
  }
}

/// What calibration must know; sorts the ranks by NVLink domain.
calibration::Situation TraceLayout::situation_of(std::vector<std::int64_t>& ranks) const {
  std::vector<std::uint32_t> gpus;
  for (const auto rank : ranks) gpus.push_back(gpu_of(rank));
  const auto devices = scenario::devices_among(bound_.specification, bound_.device, bound_.other_devices, gpus);
  auto situation =
      scenario::situation_of(bound_.cluster, bound_.specification, scenario::oldest_architecture(devices), gpus);
  for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<std::int64_t>(gpus[i]) - job_.first_gpu;
  return situation;
}

void TraceLayout::add_communicator(std::int64_t rank, const Slot& slot) {
  auto ranks = members(job_.trace, rank, slot.communicator);
  TraceGroup& group = groups_[key_of(rank, slot)];
  if (ranks.size() < 2) return;
  group.situation = situation_of(ranks);
  std::vector<Member> with_roles;
  for (const auto member : ranks)
    with_roles.push_back({first_rank_ + static_cast<std::uint32_t>(member),
                          slot_number(job_.trace.program(member), TaskKind::collective, slot.communicator)});
  add_ways(group, job_.trace.program(rank), slot, with_roles);
}

/// Messages of the same tag from one rank to another. The role says which slot of either program it is.
void TraceLayout::add_messages(std::int64_t rank, const Slot& slot) {
  const auto peer = peer_of(job_.trace, rank, slot.peer);
  const auto& mine = job_.trace.program(rank).slots;
  const auto& its = job_.trace.program(peer).slots;
  const auto there = std::ranges::find_if(its, [&](const Slot& other) {
    return other.kind == TaskKind::receive && other.tag == slot.tag && peer_of(job_.trace, peer, other.peer) == rank;
  });
  std::vector<std::int64_t> ends{rank, peer};
  TraceGroup& group = groups_[key_of(rank, slot)];
  group.situation = situation_of(ends);
  const std::vector<Member> with_roles{
      {first_rank_ + static_cast<std::uint32_t>(rank), static_cast<std::uint32_t>(&slot - mine.data()) * 2},
      {first_rank_ + static_cast<std::uint32_t>(peer), static_cast<std::uint32_t>(there - its.begin()) * 2 + 1}};
  add_ways(group, job_.trace.program(rank), slot, with_roles);
}

void TraceLayout::add_ways(TraceGroup& group, const workload::Program& program, const Slot& slot,
                           const std::vector<Member>& with_roles) {
  std::vector<std::uint32_t> domains;
  for (const Member& member : with_roles) {
    group.members.push_back(member.rank);
    domains.push_back(scenario::domain_of(bound_.cluster, traffic_.ranks[member.rank].gpu));
  }
  for (const auto index : slot.tasks) {
    const workload::Task& task = program.tasks[index];
    const auto kind = kind_of(task);
    const auto algorithm = choose(group.situation, kind, bytes_of(task, with_roles.size())).algorithm;
    const auto [way, is_new] = group.ways.emplace(std::pair(kind, algorithm), 0);
    if (!is_new) continue;
    const auto which = static_cast<std::uint64_t>(kind) << 8 | static_cast<std::uint64_t>(algorithm);
    way->second = traffic_.add_group(kind_number(number_, 4000, which), with_roles,
                                     workload::pattern_of(kind, algorithm, domains));
  }
}

}  // namespace plenum::datacenter
