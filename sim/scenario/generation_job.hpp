// A deployment that makes pictures or videos, as written: a diffusion model, replicas, and the requests that come.
#pragma once

#include <optional>
#include <string>

#include "sim/scenario/serving_job.hpp"
#include "workloads/diffusion/generation_plan.hpp"

namespace plenum::scenario {

/// When pictures are asked for; all are alike.
struct PictureRequests {
  workload::RequestSpecification arrivals;
};

struct GenerationJob {
  std::string model_name;
  std::optional<workload::Transformer> model;
  PictureRequests requests;
  workload::GenerationPlan plan;
  std::int64_t replicas = 0;  ///< 0: as many as the GPUs hold
  RouterKind router = RouterKind::least_loaded;
  std::int64_t first_node = 0;
  std::int64_t gpus = 0;  ///< 0: the rest of the cluster
};

void describe(Fields&, PictureRequests&);
void describe_generation(Fields&, GenerationJob&, const Catalogue& models);

struct BoundGeneration {
  std::string name;
  workload::Transformer model;
  std::optional<workload::Transformer> encoder;  ///< of texts
  workload::RequestSpecification arrivals;
  workload::GenerationPlan plan;
  std::int64_t replicas = 1;
  RouterKind router = RouterKind::least_loaded;
  std::int64_t first_gpu = 0;

  std::int64_t gpus() const { return replicas * plan.gpus(); }
};

}  // namespace plenum::scenario
