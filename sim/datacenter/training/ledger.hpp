// Books a rank's main stream: every span of simulated time is charged to one part, without gaps, so that the parts of a
// rank sum to the step exactly.
#pragma once

#include <string>
#include <vector>

#include "sim/datacenter/result.hpp"

namespace plenum::datacenter {

/// What collectives of each kind move, or any other measure of their part in a span of time.
using KindWeights = std::array<double, collective_names.size()>;
inline KindWeights only(CollectiveKind kind) {
  KindWeights weights{};
  weights[static_cast<std::size_t>(kind)] = 1;
  return weights;
}

class Ledger {
 public:
  /// Nothing before is charged.
  void begin(Seconds at) { cursor_ = at; }
  /// Everything from the last charge until `until` goes to `part`. Earlier times are ignored.
  void charge(Part part, Seconds until) {
    if (until <= cursor_) return;
    parts_[static_cast<std::size_t>(part)] += until - cursor_;
    cursor_ = until;
  }
  /// The same, divided in proportion to `weights` (not all zero).
  void charge(const Breakdown& weights, Seconds until);
  /// To a part of communication, and among the kinds of collectives in proportion to `weights` (not all zero).
  void charge(Part communication, const KindWeights& weights, Seconds until);

  Seconds cursor() const { return cursor_; }
  const Breakdown& parts() const { return parts_; }
  const Exposed& exposed() const { return exposed_; }

 private:
  Seconds cursor_{};
  Breakdown parts_{};
  Exposed exposed_{};
};

}  // namespace plenum::datacenter
