#include "sim/scenario/training_run.hpp"

namespace plenum::scenario {

void describe(Fields& fields, Checkpoints& checkpoints) {
  fields.required("every", checkpoints.every, "Steps between two checkpoints", between(1, 1e9));
  fields.required("per_node", checkpoints.per_node, "Rate at which a node writes to storage", positive());
  fields.optional("storage", checkpoints.storage, "Rate of the storage for all nodes together; 0: no limit",
                  at_least(0));
  fields.optional("asynchronous", checkpoints.asynchronous,
                  "Steps go on once the host has a copy, while it is written to storage");
}

void describe(Fields& fields, Validation& validation) {
  fields.required("every", validation.every, "Steps between two validations", between(1, 1e9));
  fields.required("steps", validation.steps, "Batches of each validation, forward only", between(1, 1e9));
}

void describe(Fields& fields, TrainingRun& run) {
  fields.optional("start_up", run.start_up, "Until the first step, also after a failure", between(0, 1e6));
  fields.optional("checkpoints", run.checkpoints, "How the run saves itself");
  fields.optional("validation", run.validation, "How the run checks itself");
  fields.optional("load_batch", run.load_batch, "That the data loader takes for a step's batch, beside the step before",
                  between(0, 1e6));
  fields.optional("time_between_failures", run.time_between_failures,
                  "Mean, of one GPU with what belongs to it; 0: none fails", between(0, 1e12));
}

}  // namespace plenum::scenario
