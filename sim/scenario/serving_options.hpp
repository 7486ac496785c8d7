// What a serving deployment may have besides an engine and replicas: caches of prefixes, drafts, adapters, classes of
// users, replicas that come and go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"
#include "workloads/model.hpp"

namespace plenum::scenario {

/// Where prefixes go that the GPUs' KV cache drops. Sizes and bandwidths are those of one GPU's part.
struct CacheTier {
  std::string name = "host";
  Bytes size{};
  BytesPerSecond bandwidth{};
  Seconds latency{};
  bool shared = false;  ///< one for all replicas (a remote store); else every replica has its own
};

struct PrefixCaching {
  bool enabled = true;
  std::vector<CacheTier> tiers;  ///< below the GPUs, fastest first
};

/// What happens to the KV cache of a sequence for which there are no blocks.
enum class Preemption : std::uint8_t { recompute, swap };

/// Several tokens are drafted and verified in one step; each is accepted when the ones before it are.
struct Speculation {
  std::int64_t tokens = 3;  ///< drafted per step
  double acceptance = 0.7;  ///< of a token, when those before it were accepted
  std::string draft{};      ///< a model of the catalogue; empty: one more layer of the model itself (MTP, EAGLE)
};

/// Low-rank adapters of linear layers (Hu et al., LoRA, 2021), one per application.
struct Adapters {
  std::int64_t count = 1000;
  double popularity = 1;  ///< exponent of Zipf's law; 0: all equally often
  std::int64_t rank = 16;
  std::int64_t resident = 8;  ///< on the GPUs at a time, and so the most in a step; the others wait in host memory
};

/// Users who were promised something of their own.
struct ServiceClass {
  std::string name;
  double share = 1;                                        ///< of the requests, over the sum of all shares
  std::int64_t priority = 0;                               ///< the higher, the earlier a waiting request starts
  Seconds time_to_first_token{}, time_per_output_token{};  ///< zero: nothing
  std::int64_t most_tokens_ahead = 0;                      ///< turned away when its replica has more to do; 0: never
};

/// As many replicas as keep each at the wanted number of requests, between the fewest and those of the pool.
struct Autoscaling {
  std::int64_t fewest = 1;
  std::int64_t requests_per_replica = 32;
  Seconds interval{15};                ///< between two decisions
  BytesPerSecond load_bandwidth{2e9};  ///< at which a GPU gets its weights
  Seconds start{20};                   ///< process, graphs and warm-up, besides the weights
};

std::span<const std::string_view> names_of(Preemption);
void describe(Fields&, CacheTier&);
void describe(Fields&, PrefixCaching&);
void describe(Fields&, Speculation&);
void describe(Fields&, Adapters&);
void describe(Fields&, ServiceClass&);
void describe(Fields&, Autoscaling&);

/// All of them, as a job holds them.
struct ServingOptions {
  PrefixCaching prefix_caching{};
  Preemption preemption = Preemption::recompute;
  std::optional<Speculation> speculation{};
  std::optional<Adapters> adapters{};
  std::vector<ServiceClass> classes{};
  std::optional<Autoscaling> autoscaling{};
};
void describe_options(Fields&, ServingOptions&);

}  // namespace plenum::scenario
