#include "sim/datacenter/traces/exchange.hpp"

#include "sim/datacenter/hop_latency.hpp"

namespace plenum::datacenter {
namespace {

/// Part of the bytes that takes the fabric, which counts with one efficiency for all, as long as this method takes.
double scale(const calibration::Timing& timing, const calibration::Situation& situation, CollectiveKind kind,
             CollectiveAlgorithm algorithm, const LinkEfficiency& fabric) {
  const auto passes = calibration::passes(situation, kind, algorithm);
  return seconds_per_byte(situation, passes, timing.nvlink_efficiency, timing.network_efficiency) /
         seconds_per_byte(situation, passes, fabric.nvlink, fabric.network);
}

}  // namespace

void Exchange::come(std::size_t turn, const workload::Task& task, std::uint32_t number, Participant& who,
                    bool only_receives) {
  while (uses_.size() <= turn) uses_.emplace_back();
  Use& use = uses_[turn];
  use.participants.emplace_back(&who, number);
  if (use.began) who.began(number);
  if (use.ended) return who.ended(number);
  if (!only_receives && ++use.arrived == needed_) begin(use, task);
}

void Exchange::begin(Use& use, const workload::Task& task) {
  use.began = true;
  for (const auto& [who, number] : use.participants) who->began(number);
  if (group_.ways.empty()) {  // a rank alone
    around_.engine.after(Seconds(0), [this, &use] { end(use); });
    return;
  }
  const auto kind = kind_of(task);
  const Bytes bytes = bytes_of(task, group_.members.size());
  const auto method = choose(group_.situation, kind, bytes);
  const auto way = around_.fabric.group_class(group_.ways.at({kind, method.algorithm}));
  const auto timing =
      over(around_.fabric.path_latency(way), calibration::passes(group_.situation, kind, method.algorithm),
           calibration::timing(group_.situation, kind, method, bytes));
  const double moved = static_cast<double>(bytes.value()) *
                       scale(timing, group_.situation, kind, method.algorithm, around_.fabric.efficiency());
  around_.fabric.start(way, moved, Seconds(0), [this, &use, timing, start = around_.engine.now()] {
    const Seconds flows = around_.engine.now() - start;
    around_.engine.after(timing.total(flows) - flows, [this, &use] { end(use); });
  });
}

void Exchange::end(Use& use) {
  use.ended = true;
  for (const auto& [who, number] : use.participants) who->ended(number);
}

}  // namespace plenum::datacenter
