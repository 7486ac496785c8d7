#include "workloads/traces/trace.hpp"

#include <algorithm>

namespace plenum::workload {
namespace {

/// Every `stride`-th rank from the first on; or, with stride 0, a list moved by `first`.
struct Group {
  std::int64_t first = 0, stride = 1, size = 0;
  const std::vector<std::int64_t>* listed = nullptr;
};

std::int64_t recorded_ranks(const Trace& trace) { return static_cast<std::int64_t>(trace.recorded.size()); }

/// Distance between neighbours when the ranks reach from the first to the last one recorded; 0 otherwise.
std::int64_t spanning_stride(const std::vector<std::int64_t>& ranks, std::int64_t recorded) {
  if (ranks.size() < 2) return 0;
  const std::int64_t stride = ranks[1] - ranks[0];
  if (stride <= 0 || ranks[0] >= stride || stride * static_cast<std::int64_t>(ranks.size()) != recorded) return 0;
  const auto uneven = std::ranges::adjacent_find(ranks, [&](auto a, auto b) { return b - a != stride; });
  return uneven == ranks.end() ? stride : 0;
}

Group group_of(const Trace& trace, std::int64_t rank, const std::string& name) {
  if (name.empty()) return {0, 1, trace.ranks};
  const Communicator& communicator = trace.communicators.at(name);
  if (communicator.stride > 0) {
    const std::int64_t place = rank / communicator.stride % communicator.size;
    return {rank - place * communicator.stride, communicator.stride, communicator.size};
  }
  const auto& ranks = communicator.ranks;
  if (const auto stride = spanning_stride(ranks, recorded_ranks(trace)))
    return {ranks[0], stride, (trace.ranks - ranks[0] + stride - 1) / stride};
  return {rank / recorded_ranks(trace) * recorded_ranks(trace), 0, static_cast<std::int64_t>(ranks.size()), &ranks};
}

}  // namespace

std::vector<std::int64_t> members(const Trace& trace, std::int64_t rank, const std::string& name) {
  const Group group = group_of(trace, rank, name);
  std::vector<std::int64_t> ranks;
  for (std::int64_t i = 0; i < group.size; ++i)
    ranks.push_back(group.first + (group.listed ? (*group.listed)[static_cast<std::size_t>(i)] : i * group.stride));
  return ranks;
}

std::int64_t first_member(const Trace& trace, std::int64_t rank, const std::string& name) {
  const Group group = group_of(trace, rank, name);
  return group.first + (group.listed && group.size > 0 ? group.listed->front() : 0);
}

bool takes_part(const Trace& trace, std::int64_t rank, const std::string& name) {
  const Group group = group_of(trace, rank, name);
  if (group.listed) return std::ranges::binary_search(*group.listed, rank - group.first);
  return rank >= group.first && (rank - group.first) % group.stride == 0;
}

std::int64_t peer_of(const Trace& trace, std::int64_t rank, std::int64_t recorded_peer) {
  return recorded_peer + rank / recorded_ranks(trace) * recorded_ranks(trace);
}

Bytes whole_buffer(const Task& task, std::size_t members) {
  return task.bytes_per_rank ? task.bytes * static_cast<std::int64_t>(members) : task.bytes;
}

}  // namespace plenum::workload
