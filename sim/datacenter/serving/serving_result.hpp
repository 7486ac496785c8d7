// What a serving deployment did, before anybody interprets it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "calibration/device.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::datacenter {

struct RequestRecord {
  Seconds arrival{}, first_token{}, done{};  ///< done: zero when it was refused
  std::int32_t prompt = 0, output = 0;
  std::uint16_t service_class = 0;
  bool turned_away = false;  ///< refused for what was ahead of it, not for its length
  bool refused() const { return done.value() == 0; }
};

/// The fleet at a moment.
struct FleetSample {
  Seconds time{};
  std::int64_t replicas = 0;  ///< that take requests
  std::int64_t waiting = 0, running = 0;
  double kv_use = 0;
};

/// Times between two tokens of one request, in bins of 2 %, from a microsecond on.
class TokenIntervals {
 public:
  void add(Seconds, double count);
  double total() const { return total_; }
  Seconds mean() const { return total_ > 0 ? Seconds(sum_ / total_) : Seconds(0); }
  Seconds percentile(double share) const;  ///< to the bin's width
  void add(const TokenIntervals&);

 private:
  static constexpr std::size_t bins = 1024;
  std::array<double, bins> count_{};
  double total_ = 0, sum_ = 0;
};

/// What prompts found in the cache when they were first admitted.
struct PrefixHits {
  std::int64_t blocks = 0, hit_blocks = 0;  ///< as requests name them
  std::int64_t tokens = 0, hit_tokens = 0;  ///< of all prompts, with and without names
};

/// Sums over all steps of all replicas of a pool.
struct PoolCounters {
  std::int64_t replicas = 0, gpus = 0;
  double steps = 0, busy_seconds = 0;  ///< of replicas
  double reading_seconds = 0;          ///< of those, what prompts took beyond the decodes beside them
  double decoded_tokens = 0, read_tokens = 0;
  double sequence_seconds = 0;  ///< integral of running sequences over time
  std::int64_t kv_tokens = 0;   ///< that all attention ranks of the pool hold
  std::int64_t peak_kv_tokens = 0;
  std::int64_t peak_waiting = 0;
  std::uint64_t preemptions = 0;
  /// Tokens in the cache, of all sequences: computed + found + received = kept to the end + dropped.
  std::int64_t computed_tokens = 0, received_tokens = 0, kept_tokens = 0;
  std::int64_t given_tokens = 0;  ///< to users
  PrefixHits hits;
  std::vector<std::int64_t> tier_tokens;  ///< of prefixes that were read back, by tier
};

struct ServingResult {
  std::string job;
  std::vector<RequestRecord> requests;
  TokenIntervals intervals;
  PoolCounters pool;
  PoolCounters prefill;  ///< without replicas when there is none
  Seconds end{};
  double gpu_seconds = 0;  ///< paid for: all of them until the end, or what autoscaling held
  std::vector<FleetSample> timeline;
  calibration::Footing footing = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
