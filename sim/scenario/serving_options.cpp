#include "sim/scenario/serving_options.hpp"

#include <array>

namespace plenum::scenario {
namespace {}  // namespace

std::span<const std::string_view> names_of(Preemption) {
  static constexpr std::array<std::string_view, 2> names{"recompute", "swap"};
  return names;
}

void describe(Fields& fields, CacheTier& tier) {
  fields.optional("name", tier.name, "What results call it");
  fields.required("size", tier.size, "Of one GPU's part", positive());
  fields.required("bandwidth", tier.bandwidth, "Back to one GPU", positive());
  fields.optional("latency", tier.latency, "Before the first byte comes", at_least(0));
  fields.optional("shared", tier.shared, "One for all replicas; else every replica has its own");
}

void describe(Fields& fields, PrefixCaching& caching) {
  fields.optional("enabled", caching.enabled, "Blocks of prompts are kept for requests that begin alike");
  fields.optional("tiers", caching.tiers, "Where blocks go that the GPUs' cache drops, fastest first");
}

void describe(Fields& fields, Speculation& speculation) {
  fields.optional("tokens", speculation.tokens, "Drafted and verified per step", between(1, 64));
  fields.optional("acceptance", speculation.acceptance, "Of a drafted token when those before it were accepted",
                  between(0, 1));
  fields.optional("draft", speculation.draft,
                  "Model that drafts (plenum list models); left out: one more layer of the model itself");
}

void describe(Fields& fields, Adapters& adapters) {
  fields.required("count", adapters.count, "Different adapters", between(1, 1e12));
  fields.optional("popularity", adapters.popularity, "Exponent of Zipf's law; 0: all equally often", between(0, 8));
  fields.optional("rank", adapters.rank, "Of their matrices", between(1, 4096));
  fields.optional("resident", adapters.resident, "On the GPUs at a time; the most in a step", between(1, 1 << 20));
}

void describe(Fields& fields, ServiceClass& level) {
  fields.required("name", level.name, "What results call it");
  fields.optional("share", level.share, "Of the requests, over the sum of all shares", positive());
  fields.optional("priority", level.priority, "The higher, the earlier a waiting request starts", between(-1000, 1000));
  fields.optional("time_to_first_token", level.time_to_first_token, "A request is good when it is not slower",
                  at_least(0));
  fields.optional("time_per_output_token", level.time_per_output_token, "A request is good when it is not slower",
                  at_least(0));
  fields.optional("most_tokens_ahead", level.most_tokens_ahead, "Turned away when its replica has more to do; 0: never",
                  between(0, 1e12));
}

void describe(Fields& fields, Autoscaling& scaling) {
  fields.optional("fewest", scaling.fewest, "Replicas that are always there", between(1, 1 << 20));
  fields.optional("requests_per_replica", scaling.requests_per_replica, "In the house, that a replica shall have",
                  between(1, 1 << 20));
  fields.optional("interval", scaling.interval, "Between two decisions", positive());
  fields.optional("load_bandwidth", scaling.load_bandwidth, "At which a GPU gets its weights", positive());
  fields.optional("start", scaling.start, "Until a new replica serves, besides its weights", at_least(0));
}

void describe_options(Fields& fields, ServingOptions& options) {
  fields.optional("prefix_caching", options.prefix_caching, "What is kept of prompts, and where");
  fields.optional("preemption", options.preemption, "What happens to sequences for which there are no blocks");
  fields.optional("speculation", options.speculation, "Tokens that are drafted and verified together");
  fields.optional("adapters", options.adapters, "Low-rank adapters, one per application");
  fields.optional("classes", options.classes, "Users who were promised something of their own");
  fields.optional("autoscaling", options.autoscaling, "Replicas come and go; \"replicas\" are the most");
}

}  // namespace plenum::scenario
