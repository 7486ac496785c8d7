#include "workloads/serving/request_specification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "workloads/serving/drawn_requests.hpp"
#include "workloads/serving/request_file.hpp"

namespace plenum::workload {
namespace {

/// The first requests of another stream, closer together or at drawn times, and longer.
class ScaledStream : public RequestStream {
 public:
  ScaledStream(std::unique_ptr<RequestStream> of, const RequestSpecification& specification, std::uint64_t seed)
      : of_(std::move(of)), specification_(specification), arrivals_(specification, seed) {}

  std::optional<Request> next() override {
    if (specification_.count > 0 && given_ == specification_.count) return std::nullopt;
    ++given_;
    auto request = of_->next();
    if (!request) return std::nullopt;
    request->arrival = specification_.per_second > 0 ? arrivals_.next() : request->arrival / specification_.rate_scale;
    if (specification_.length_scale != 1) stretch(*request);
    return request;
  }

 private:
  std::int32_t scaled(std::int32_t tokens) const {
    const auto stretched = std::llround(tokens * specification_.length_scale);
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(stretched, 1, most_tokens));
  }

  void stretch(Request& request) const {
    request.prompt = scaled(request.prompt);
    request.output = scaled(request.output);
    if (request.prefix) request.prefix = stretched(*request.prefix);
    if (!request.then) return;
    FollowUp next = *request.then;
    stretch(next.request);
    request.then = std::make_shared<FollowUp>(std::move(next));
  }

  /// As many blocks, each of them longer.
  std::shared_ptr<const Prefix> stretched(Prefix prefix) const {
    prefix.block_tokens = scaled(prefix.block_tokens);
    prefix.tokens = scaled(prefix.tokens);
    return std::make_shared<Prefix>(std::move(prefix));
  }

  std::unique_ptr<RequestStream> of_;
  RequestSpecification specification_;
  ArrivalProcess arrivals_;
  std::int64_t given_ = 0;
};

}  // namespace

std::span<const std::string_view> names_of(ArrivalKind) {
  static constexpr std::array<std::string_view, 6> names{"poisson", "gamma",  "constant",
                                                         "at-once", "on-off", "diurnal"};
  return names;
}

void describe(Fields& fields, SharedPrefix& shared) {
  fields.required("tokens", shared.tokens, "Tokens that begin every prompt", between(1, most_tokens));
  fields.optional("count", shared.count, "Different ones, equally often", between(1, 1e9));
}

void describe(Fields& fields, Session& session) {
  fields.optional("turns", session.turns, "Requests of a session (where \"tokens\" stands, requests are meant)");
  fields.optional("wait", session.wait, "From an answer to the next request, mean of an exponential", at_least(0));
}

void describe_arrivals(Fields& fields, RequestSpecification& requests) {
  fields.optional("per_second", requests.per_second,
                  "Open loop: mean requests (sessions) per second; with a file: instead of its times", between(0, 1e9));
  fields.optional("arrivals", requests.arrivals, "Open loop: distribution of the times between arrivals");
  fields.optional("coefficient_of_variation", requests.coefficient_of_variation,
                  "gamma: of the times between arrivals; 1 is Poisson", between(1e-3, 100));
  fields.optional("period", requests.period, "on-off, diurnal: of the rate", positive());
  fields.optional("on_share", requests.on_share, "on-off: part of a period in which requests come", between(1e-6, 1));
  fields.optional("swing", requests.swing, "diurnal: how far the rate goes up and down, over its mean", between(0, 1));
  fields.optional("concurrency", requests.concurrency,
                  "Closed loop: requests in flight; the next comes when one is done", between(0, 1e7));
  fields.optional("count", requests.count, "Requests in all; 0: as many as the file has", between(0, 1e10));
}

void describe(Fields& fields, RequestSpecification& requests) {
  fields.optional("file", requests.file,
                  "List of requests, beside the scenario: Azure, BurstGPT, Vidur, splitwise, Mooncake, LLMServingSim");
  describe_arrivals(fields, requests);
  fields.optional("barrier_after", requests.barrier_after,
                  "Closed loop: so many requests are waited for before the rest begins, as load generators do after "
                  "their warm-up (results hold all); 0: no barrier",
                  between(0, 1e10));
  fields.optional("prompt", requests.prompt, "Tokens of prompts");
  fields.optional("output", requests.output, "Tokens of outputs");
  fields.optional("rate_scale", requests.rate_scale, "A file's arrivals come this much faster", between(1e-6, 1e6));
  fields.optional("length_scale", requests.length_scale, "A file's requests are this much longer", between(1e-3, 1e3));
  fields.optional("shared_prefix", requests.shared_prefix, "Drawn: tokens that begin the prompts of many");
  fields.optional("session", requests.session, "Drawn: conversations; every prompt holds all that was said before");
  fields.optional("prefix_block_tokens", requests.prefix_block_tokens,
                  "Tokens for which an id in a file's hash_ids stands", between(1, 1 << 20));
}

std::vector<std::pair<std::string, std::string>> check(const RequestSpecification& requests) {
  std::vector<std::pair<std::string, std::string>> problems;
  const bool drawn = requests.file.empty(), closed = requests.concurrency > 0;
  if (drawn && requests.count == 0)
    problems.emplace_back("/count", "say how many requests shall be drawn, or give a file");
  if (drawn && !closed && requests.per_second <= 0 && requests.arrivals != ArrivalKind::at_once)
    problems.emplace_back("", "give \"per_second\" (open loop), \"concurrency\" (closed loop) or a \"file\"");
  if (closed && requests.per_second > 0)
    problems.emplace_back("/concurrency", "give either \"per_second\" (open loop) or \"concurrency\" (closed loop)");
  if (requests.barrier_after > 0) {
    if (!closed)
      problems.emplace_back("/barrier_after", "only requests in flight can be waited for: give \"concurrency\"");
    else if (requests.session)
      problems.emplace_back("/barrier_after", "leave it out where there are sessions, whose requests wait for people");
    else if (requests.count > 0 && requests.barrier_after >= requests.count)
      problems.emplace_back("/barrier_after", fmt::format("nothing comes behind it: \"count\" is {}", requests.count));
  }
  const auto lengths = [&](const LengthSpecification& length, const char* pointer) {
    if (!is_possible(length)) problems.emplace_back(pointer, "\"minimum\" is larger than \"tokens\"");
  };
  if (!drawn && (requests.session || requests.shared_prefix))
    problems.emplace_back("/file",
                          "its requests have their own sessions and prefixes; leave out \"session\" and "
                          "\"shared_prefix\"");
  if (requests.session) lengths(requests.session->turns, "/session/turns/minimum");
  lengths(requests.prompt, "/prompt/minimum");
  lengths(requests.output, "/output/minimum");
  return problems;
}

std::unique_ptr<RequestStream> make_requests(const RequestSpecification& specification, std::uint64_t seed,
                                             const std::string& folder, Issues& issues) {
  if (specification.file.empty()) return std::make_unique<DrawnRequests>(specification, seed);
  auto file = open_request_file(std::filesystem::path(folder) / specification.file, issues,
                                static_cast<std::int32_t>(specification.prefix_block_tokens));
  return file ? std::make_unique<ScaledStream>(std::move(file), specification, seed) : nullptr;
}

}  // namespace plenum::workload
