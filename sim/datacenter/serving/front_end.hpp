// The process before a replica's scheduler that takes requests in and streams tokens out, one thing after another.
#pragma once

#include <algorithm>

#include "sim/core/quantity.hpp"

namespace plenum::datacenter {

class FrontEnd {
 public:
  /// Takes a request in, after what was to be done: how long from now until it has. What the replica gave until now is
  /// to be streamed first.
  Seconds take_in(Seconds now, Seconds each) {
    free_ = std::max(free_, now) + each;
    return free_ - now;
  }

  /// Streams what the replica gave since the last call, evenly over the time between: how far it is behind.
  Seconds stream(Seconds now, double tokens_so_far, Seconds each) {
    free_ = std::max(now, std::max(free_, seen_) + (tokens_so_far - streamed_) * each);
    seen_ = now;
    streamed_ = tokens_so_far;
    return free_ - now;
  }

 private:
  Seconds free_{};  ///< when all so far is handled
  Seconds seen_{};  ///< of the last call
  double streamed_ = 0;
};

}  // namespace plenum::datacenter
