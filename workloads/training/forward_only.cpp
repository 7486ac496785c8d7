#include "workloads/training/forward_only.hpp"

namespace plenum::workload {

TrainingStep forward_only(TrainingStep step) {
  for (Stage& stage : step.stages) {
    std::erase_if(stage.schedule, [](const ScheduleItem& item) { return item.pass != Pass::forward; });
    stage.optimizer.clear();
    for (Chunk& chunk : stage.chunks) {
      chunk.backward.clear();
      chunk.weights.clear();
      chunk.offloaded = {};
      if (!step.gathers_each_pass) chunk.parameters = chunk.expert_parameters = chunk.outer_parameters = 0;
    }
  }
  step.gradient_element = Bytes{};
  return step;
}

Transformer value_model(Transformer model) {
  model.vocabulary = 1;
  return model;
}

}  // namespace plenum::workload
