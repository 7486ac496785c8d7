// Everything that takes simulated time goes through this door. Resources have a capacity (units per second); work is an
// amount of units that progresses at a rate limited by the resources it uses: for every resource, the sum over its work
// of share x rate stays within its capacity, and rates are max-min fair. Latency is time before the amount starts to
// move and uses nothing. SimGrid is behind the door (sim/engine/engine.cpp, the only file that includes it); no type of
// it is in front. One Engine per process: SimGrid does not survive a second one, so tests and sweeps fork.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "sim/core/quantity.hpp"

namespace plenum::engine {

enum class ResourceId : std::uint32_t {};
enum class WorkId : std::uint64_t {};
enum class TimerId : std::uint64_t {};

/// Work at rate r takes share x r of the resource's capacity. Shares are whole numbers, at least 1; see folding.hpp for
/// why they suffice.
struct Use {
  ResourceId resource;
  std::uint32_t share = 1;
};

struct Work {
  double amount = 0;          ///< units, >= 0 and finite; zero is done after the latency alone
  Seconds latency{};          ///< >= 0 and finite
  std::span<const Use> uses;  ///< at least one when amount > 0; a resource appears at most once
  double rate_limit = 0;      ///< units per second, 0: none
};

using Callback = std::function<void()>;

/// Arguments outside the ranges given are broken invariants: std::logic_error. Callbacks are called from run() only,
/// may call everything but run(), and what they throw ends the run.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  ResourceId add_resource(double capacity);        ///< before run(); capacity > 0 and finite, units per second
  void set_capacity(ResourceId, double capacity);  ///< > 0; work in progress goes on at the new rates

  WorkId start(const Work&, Callback when_done);
  void cancel(WorkId);  ///< its callback is not called; no effect once it is done

  TimerId after(Seconds delay, Callback);
  void cancel(TimerId);

  Seconds now() const;
  /// Runs until nothing is left to happen. Callers keep the count of what must have happened: work that waits for
  /// something that never comes is a deadlock, which only they can name. `now_and_then` is called after every 1,024
  /// works or timers that are done, for those who show people how far a run is.
  void run(const Callback& now_and_then = {});

  struct Statistics {
    std::uint64_t work_started = 0;
    std::uint64_t timers_fired = 0;
  };
  Statistics statistics() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace plenum::engine
