// A serving deployment as written: a model, an engine, replicas, and the requests that come, of its own or from
// applications.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calibration/device.hpp"
#include "sim/scenario/serving_options.hpp"
#include "workloads/model.hpp"
#include "workloads/serving/engine_profile.hpp"
#include "workloads/serving/request_specification.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::scenario {

/// Who gets the next request: each replica in turn, the one with the fewest tokens ahead, or the better of two drawn.
/// prefix-aware: fewest tokens ahead, its own prompt included but for what the replica's cache holds of it;
/// session-affine: sessions stay where they began, the rest goes to the one with the fewest tokens ahead.
enum class RouterKind : std::uint8_t { round_robin, least_loaded, power_of_two, prefix_aware, session_affine };

/// Replicas that only read prompts and hand the KV cache over to the others.
struct PrefillPool {
  workload::ServingPlan plan;
  std::int64_t replicas = 1;
  std::string gpu{};  ///< another one than the cluster's; empty: the same
};

/// What users were promised; zero: nothing.
struct ServiceLevel {
  Seconds time_to_first_token{}, time_per_output_token{};
};

struct ServingJob {
  std::string model_name;
  std::optional<workload::Transformer> model;
  std::string engine = "vllm";
  std::optional<workload::EngineProfile> own_engine{};  ///< that engine, some of its fields changed
  workload::ServingPlan plan;
  std::int64_t replicas = 0;  ///< 0: as many as the GPUs hold
  std::optional<PrefillPool> prefill;
  workload::RequestSpecification requests;
  bool serves_applications = false;  ///< of the scenario (no field): it may have no requests of its own
  RouterKind router = RouterKind::least_loaded;
  ServiceLevel service_level;
  ServingOptions options;
  bool pools = false;  ///< gives a vector or a score per text instead of tokens; encoders always do
  std::int64_t token_budget = 0, max_sequences = 0, stream_interval = 0;  ///< 0: the engine's
  double memory_fraction = 0;                                             ///< of device memory; 0: the engine's
  Bytes held_by_others{};      ///< of device memory, by what shares the GPUs (no field)
  std::int64_t kv_tokens = 0;  ///< tokens that the KV cache of an attention rank holds; 0: from the memory ledger
  std::int64_t first_node = 0;
  std::int64_t first_gpu = 0;  ///< of that node: a job may take a part of one
  std::int64_t gpus = 0;       ///< 0: the rest of the cluster, or of the node
};

std::span<const std::string_view> names_of(RouterKind);
void describe(Fields&, PrefillPool&);
void describe(Fields&, ServiceLevel&);
/// The engine's name, and what of it is changed.
void describe_engine(Fields&, ServingJob&);
void describe_serving(Fields&, ServingJob&, const Catalogue& models);

/// A pool of equal replicas on GPUs in a row.
struct Pool {
  workload::ServingPlan plan;
  std::int64_t replicas = 1;
  std::int64_t first_gpu = 0;
  std::int64_t kv_tokens = 0;                           ///< of one attention rank
  std::shared_ptr<const calibration::Device> device{};  ///< another one than the cluster's; nothing: the same
};

struct BoundServing {
  std::string name;
  workload::Transformer model;
  workload::EngineProfile engine;
  Pool pool;  ///< decodes; without a prefill pool it reads prompts as well
  std::optional<Pool> prefill;
  workload::RequestSpecification requests;
  std::string folder;  ///< where the file of requests is looked for
  RouterKind router = RouterKind::least_loaded;
  ServiceLevel service_level;
  ServingOptions options;
  std::optional<workload::Transformer> draft{};  ///< of speculation
  BytesPerSecond host_link{};                    ///< between a GPU and its host's memory
  bool pools = false;                            ///< one pass per text: embedding, reranking
  std::int64_t held_gpus = 0;                    ///< that nobody else may use: whole nodes, or a part of one

  std::int64_t first_gpu() const { return prefill ? prefill->first_gpu : pool.first_gpu; }
  std::int64_t gpus() const {
    return pool.replicas * pool.plan.gpus() + (prefill ? prefill->replicas * prefill->plan.gpus() : 0);
  }
};

}  // namespace plenum::scenario
