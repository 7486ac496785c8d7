#include "sim/scenario/generation_job.hpp"

namespace plenum::scenario {

void describe(Fields& fields, PictureRequests& requests) { workload::describe_arrivals(fields, requests.arrivals); }

void describe_generation(Fields& fields, GenerationJob& job, const Catalogue& models) {
  const Range count = between(0, 1 << 24);
  fields.named_or_object("model", job.model_name, job.model, "The diffusion transformer that makes them", models);
  fields.required("requests", job.requests, "When pictures (videos) are asked for; all of the model's size");
  fields.optional("plan", job.plan, "How they are made");
  fields.optional("replicas", job.replicas, "Replicas; 0: as many as the GPUs hold", count);
  fields.optional("router", job.router, "Who gets the next request");
  fields.optional("first_node", job.first_node, "Where the job starts; it takes whole nodes in a row", count);
  fields.optional("gpus", job.gpus, "GPUs of the job; 0: the rest of the cluster", count);
}

}  // namespace plenum::scenario
