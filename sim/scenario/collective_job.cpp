#include "sim/scenario/collective_job.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <sstream>

namespace plenum::scenario {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional<std::int64_t>(number) : std::nullopt;
}

}  // namespace

void describe(Fields& fields, CollectiveJob& job) {
  fields.optional("operation", job.operation,
                  "all_reduce, all_gather, reduce_scatter, broadcast, reduce, all_to_all, send_receive or barrier");
  fields.required("size", job.size, "Buffer of one rank, as nccl-tests counts it", between(1, 1e15));
  fields.required("gpus", job.gpus, "GPUs that take part: \"0-7,16\"; the first is the root, or the sender");
  fields.optional("algorithm", job.algorithm, "As `plenum collective --help` lists them; empty: what NCCL picks");
  fields.optional("protocol", job.protocol, "ll, ll128 or simple; empty: what NCCL picks");
  fields.optional("repeat", job.repeat, "How often, one after the other", between(1, 1e6));
  fields.optional("start", job.start, "When the first one starts", between(0, 1e6));
  fields.optional("weights", job.weights,
                  "all_to_all: what member i sends to member j, as a part of the balanced share; row by row");
}

GroupOrProblem parse_group(const std::string& text, std::int64_t gpus) {
  std::vector<std::uint32_t> group;
  std::set<std::int64_t> seen;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto dash = part.find('-');
    const auto first = number_in(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : number_in(part.substr(dash + 1));
    if (!first || !last || *last < *first) return {{}, fmt::format("\"{}\" is no GPU or range: \"0-7,16\"", part)};
    if (*last >= gpus) return {{}, fmt::format("there is no GPU {}; the cluster has 0 to {}", *last, gpus - 1)};
    for (auto gpu = *first; gpu <= *last; ++gpu) {
      if (!seen.insert(gpu).second) return {{}, fmt::format("GPU {} stands in the group twice", gpu)};
      group.push_back(static_cast<std::uint32_t>(gpu));
    }
  }
  if (group.size() < 2) return {{}, "a collective needs at least two GPUs"};
  return {group, {}};
}

}  // namespace plenum::scenario
