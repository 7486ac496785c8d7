#include "sim/scenario/application_job.hpp"

#include <array>

namespace plenum::scenario {
namespace {

constexpr double longest_wait = 1e8;  // s, some years: times beside it keep their digits

}  // namespace

std::span<const std::string_view> names_of(Reads) {
  static constexpr std::array<std::string_view, 3> names{"query", "context", "answer"};
  return names;
}

void describe(Fields& fields, TimedService& service) {
  fields.required("time", service.time, "Of one request by itself, mean", between(0, longest_wait));
  fields.optional("coefficient_of_variation", service.coefficient_of_variation,
                  "Of that time (gamma); 0: always the same", between(0, 100));
  fields.optional("servers", service.servers, "That share what comes; 0: enough for all", between(0, 1 << 24));
}

void describe(Fields& fields, VectorSearch& search) {
  fields.required("vectors", search.vectors, "In the index", between(1, 1e13));
  fields.required("dimension", search.dimension, "Of a vector", between(1, 1 << 20));
  fields.optional("bytes_per_value", search.bytes_per_value, "4: fp32; 1: int8; 1/8: binary", between(1.0 / 64, 8));
  fields.optional("scanned", search.scanned, "Part of the vectors that a query is compared with; 1: exact search",
                  {.low = 0, .high = 1, .open_low = true});
  fields.optional("hosts", search.hosts, "Machines of their own over which the vectors are spread",
                  between(1, 1 << 20));
  fields.optional("bandwidth", search.bandwidth, "Of the memory of one; 0: that of the cluster's hosts", at_least(0));
  fields.optional("latency", search.latency, "Besides: network, merging", between(0, longest_wait));
}

void describe(Fields& fields, ApplicationStage& stage) {
  fields.required("name", stage.name, "What results call it");
  fields.optional("served_by", stage.served_by, "Name of the serving job whose model does it");
  fields.optional("service", stage.service, "Or: something that takes a stated time, like a tool");
  fields.optional("search", stage.search, "Or: the nearest vectors are looked up");
  fields.optional("reads", stage.reads, "What the model reads; what it writes after the context belongs to it");
  fields.optional("instructions", stage.instructions,
                  "Tokens before that, the same for everybody: system prompt, tools, policy",
                  between(0, workload::most_tokens));
  fields.optional("document", stage.document, "Tokens of a text of its own that every call reads: one to be ranked");
  fields.optional("calls", stage.calls, "Calls of the model, side by side (where \"tokens\" stands, calls are meant)");
  fields.optional("output", stage.output, "Tokens that it writes; left out: as many as the request asks for");
  fields.optional("adds", stage.adds, "Tokens that the context grows by: documents, a tool's result");
  fields.optional("share", stage.share, "Of the requests that come here, the others pass by", between(0, 1));
  fields.optional("blocks", stage.blocks, "Part of them that ends here: a guard rail's refusals", between(0, 1));
  fields.optional("beside", stage.beside, "Starts together with the stage before it; what follows waits for both");
  fields.optional("back_to", stage.back_to, "An earlier stage (or this one): from there on all is passed again");
  fields.optional("rounds", stage.rounds,
                  "How often (where \"tokens\" stands, rounds are meant); the last ends after the stage gone back to");
}

void describe(Fields& fields, ApplicationLevel& level) {
  fields.optional("time_to_first_token", level.time_to_first_token, "A request is good when it is not slower",
                  at_least(0));
  fields.optional("end_to_end", level.end_to_end, "A request is good when it is not slower", at_least(0));
}

void describe(Fields& fields, ApplicationJob& job) {
  fields.required("requests", job.requests,
                  "Who asks, and when: prompts are what is new in a turn, outputs what it asks for");
  fields.required("stages", job.stages, "What every request goes through, one after the other");
  fields.optional("service_level", job.service_level, "What users were promised");
}

std::optional<std::size_t> BoundApplication::last_writer() const {
  for (std::size_t step = step_count(); step-- > 0;)
    for (std::size_t stage = steps[step]; stage < steps[step + 1]; ++stage)
      if (writes[stage]) return step;
  return std::nullopt;
}

}  // namespace plenum::scenario
