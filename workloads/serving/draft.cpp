#include "workloads/serving/draft.hpp"

#include <cmath>

#include "workloads/serving/serving_memory.hpp"

namespace plenum::workload {

Transformer draft_layer(const Transformer& model) {
  Transformer draft = model;
  if (!draft.pattern.empty())
    draft.pattern = std::string(1, model.pattern[static_cast<std::size_t>(model.layers - 1) % model.pattern.size()]);
  draft.layers = 1;
  draft.full_attention_every = 0;
  draft.mixer_pattern.clear();
  draft.predicted_ahead = 0;
  if (draft.experts) draft.experts->first = 0, draft.experts->every = 1;
  return draft;
}

Bytes draft_layer_bytes(const Transformer& model, const ServingPlan& plan) {
  Transformer none = draft_layer(model);
  ServingPlan stage = plan;
  stage.pipeline_parallel = 1;
  const Bytes with = weight_bytes(none, stage);
  none.layers = 0;
  return with - weight_bytes(none, stage);
}

double expected_tokens(std::int64_t drafted, double acceptance) {
  const auto k = static_cast<double>(drafted);
  return acceptance >= 1 ? k + 1 : (1 - std::pow(acceptance, k + 1)) / (1 - acceptance);
}

}  // namespace plenum::workload
