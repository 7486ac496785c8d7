#include "workloads/traces/replicate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace plenum::workload {
namespace {

constexpr std::size_t most_told = 20;

std::string_view kind_of(const Task& task) { return collective_names[static_cast<std::size_t>(task.collective)]; }

class Agreement {
 public:
  Agreement(const Trace& trace, Issues& issues) : trace_(trace), issues_(issues) {}

  void run() {
    for (std::int64_t rank = 0; rank < trace_.ranks; ++rank) {
      const auto& slots = trace_.program(rank).slots;
      for (const Slot& slot : slots)
        if (slot.kind == TaskKind::collective)
          check_collective(rank, slot);
        else
          check_messages(rank, slot);
    }
    if (told_ > most_told) issues_.error({}, "", fmt::format("... and {} more between ranks", told_ - most_told));
  }

 private:
  template <class... Args>
  void problem(std::int64_t rank, fmt::format_string<Args...> text, Args&&... args) {
    if (++told_ <= most_told)
      issues_.error({trace_.program(rank).file}, "",
                    fmt::format("rank {}: ", rank) + fmt::format(text, std::forward<Args>(args)...));
  }

  static std::string called(const std::string& communicator) {
    return communicator.empty() ? "of all ranks" : fmt::format("\"{}\"", communicator);
  }

  void check_collective(std::int64_t rank, const Slot& slot) {
    if (!slot.communicator.empty() && !trace_.communicators.contains(slot.communicator))
      return problem(rank, "nobody says who is in communicator {}; give a file of communicators that has it",
                     called(slot.communicator));
    if (!takes_part(trace_, rank, slot.communicator))
      return problem(rank, "uses communicator {}, but is not in it", called(slot.communicator));
    if (rank != first_member(trace_, rank, slot.communicator)) return;
    const auto ranks = members(trace_, rank, slot.communicator);
    if (ranks.back() >= trace_.ranks)
      return problem(rank, "communicator {} needs rank {}; the ranks are 0 to {}", called(slot.communicator),
                     ranks.back(), trace_.ranks - 1);
    for (const auto member : ranks) compare(rank, slot, member);
  }

  void compare(std::int64_t rank, const Slot& slot, std::int64_t member) {
    const auto& other = trace_.program(member);
    const auto same = std::ranges::find_if(other.slots, [&](const Slot& candidate) {
      return candidate.kind == TaskKind::collective && candidate.communicator == slot.communicator;
    });
    const std::size_t here = slot.tasks.size(), there = same == other.slots.end() ? 0 : same->tasks.size();
    for (std::size_t i = 0; i < std::min(here, there); ++i) {
      const Task& mine = trace_.program(rank).tasks[slot.tasks[i]];
      const Task& its = other.tasks[same->tasks[i]];
      if (mine.collective != its.collective || mine.bytes != its.bytes)
        return problem(member,
                       "its collective {} on communicator {} is {} of {} bytes (node {}), on rank {} it is {} of {} "
                       "(node {})",
                       i + 1, called(slot.communicator), kind_of(its), its.bytes.value(), its.id, rank, kind_of(mine),
                       mine.bytes.value(), mine.id);
    }
    if (here != there)
      problem(member, "takes part in {} collectives on communicator {}, rank {} in {}", there,
              called(slot.communicator), rank, here);
  }

  void check_messages(std::int64_t rank, const Slot& slot) {
    const bool sends = slot.kind == TaskKind::send;
    const auto peer = peer_of(trace_, rank, slot.peer);
    if (peer < 0 || peer >= trace_.ranks || peer == rank)
      return problem(rank, "{} rank {}; the other ranks are 0 to {}", sends ? "sends to" : "receives from", peer,
                     trace_.ranks - 1);
    const auto& other = trace_.program(peer).slots;
    const auto partner = std::ranges::find_if(other, [&](const Slot& candidate) {
      return candidate.kind == (sends ? TaskKind::receive : TaskKind::send) && candidate.tag == slot.tag &&
             peer_of(trace_, peer, candidate.peer) == rank;
    });
    if (partner != other.end()) compare_sizes(rank, slot, peer, *partner);
    const std::size_t matched = partner == other.end() ? 0 : partner->tasks.size();
    if (matched != slot.tasks.size() && (sends || matched == 0))
      problem(rank, "{} {} message{} with tag {} {} rank {}, which {} {}", sends ? "sends" : "receives",
              slot.tasks.size(), slot.tasks.size() == 1 ? "" : "s", slot.tag, sends ? "to" : "from", peer,
              sends ? "receives" : "sends", matched);
  }

  void compare_sizes(std::int64_t rank, const Slot& slot, std::int64_t peer, const Slot& partner) {
    if (slot.kind != TaskKind::send) return;
    for (std::size_t i = 0; i < std::min(slot.tasks.size(), partner.tasks.size()); ++i) {
      const Task& sent = trace_.program(rank).tasks[slot.tasks[i]];
      const Task& received = trace_.program(peer).tasks[partner.tasks[i]];
      if (sent.bytes != received.bytes)
        return problem(rank, "sends {} bytes to rank {} (node {}), which receives {} (node {})", sent.bytes.value(),
                       peer, sent.id, received.bytes.value(), received.id);
    }
  }

  const Trace& trace_;
  Issues& issues_;
  std::size_t told_ = 0;
};

/// A rank that does otherwise than the first one, or -1.
std::int64_t odd_one(const Trace& trace) {
  const auto odd = std::ranges::find_if(
      trace.recorded, [&](const auto& program) { return program->signature != trace.recorded.front()->signature; });
  return odd == trace.recorded.end() ? -1 : odd - trace.recorded.begin();
}

}  // namespace

void replicate(Trace& trace, std::int64_t ranks, Issues& issues) {
  const auto recorded = static_cast<std::int64_t>(trace.recorded.size());
  trace.ranks = ranks > 0 ? ranks : recorded;
  if (trace.ranks % recorded != 0) {
    const auto odd = odd_one(trace);
    if (odd >= 0)
      return issues.error(
          {trace.recorded[static_cast<std::size_t>(odd)]->file}, "",
          fmt::format("rank {} does otherwise than rank 0; a trace that is not the same on all of its {} "
                      "ranks runs on multiples of them, not on {}",
                      odd, recorded, trace.ranks));
  }
  Agreement(trace, issues).run();
}

}  // namespace plenum::workload
