#include "workloads/serving/request_specification.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "workloads/serving/gamma.hpp"
#include "workloads/serving/request_file.hpp"

namespace plenum::workload {
namespace {

class DrawnStream : public RequestStream {
 public:
  DrawnStream(const RequestSpecification& specification, std::uint64_t seed)
      : specification_(specification), arrivals_(seed, "arrivals"), lengths_(seed, "lengths") {}

  std::optional<Request> next() override {
    if (given_ == specification_.count) return std::nullopt;
    ++given_;
    const auto prompt = draw(specification_.prompt, lengths_), output = draw(specification_.output, lengths_);
    time_ += gap();
    return Request{Seconds(time_), prompt, output};
  }

 private:
  double gap() {
    if (specification_.per_second <= 0) return 0;
    const double mean = 1 / specification_.per_second, variation = specification_.coefficient_of_variation;
    switch (specification_.arrivals) {
      case ArrivalKind::poisson:
        return -mean * std::log1p(-arrivals_.uniform());
      case ArrivalKind::gamma:
        return draw_gamma(1 / (variation * variation), arrivals_) * mean * variation * variation;
      case ArrivalKind::constant:
        return mean;
      default:
        return 0;
    }
  }

  RequestSpecification specification_;
  RandomStream arrivals_, lengths_;
  std::int64_t given_ = 0;
  double time_ = 0;
};

/// The first requests of another stream, closer together and longer.
class ScaledStream : public RequestStream {
 public:
  ScaledStream(std::unique_ptr<RequestStream> of, const RequestSpecification& specification)
      : of_(std::move(of)), specification_(specification) {}

  std::optional<Request> next() override {
    if (specification_.count > 0 && given_ == specification_.count) return std::nullopt;
    ++given_;
    auto request = of_->next();
    if (!request) return std::nullopt;
    request->arrival = request->arrival / specification_.rate_scale;
    request->prompt = scaled(request->prompt);
    request->output = scaled(request->output);
    return request;
  }

 private:
  std::int32_t scaled(std::int32_t tokens) const {
    return std::max(1, static_cast<std::int32_t>(std::lround(tokens * specification_.length_scale)));
  }

  std::unique_ptr<RequestStream> of_;
  RequestSpecification specification_;
  std::int64_t given_ = 0;
};

}  // namespace

std::span<const std::string_view> names_of(ArrivalKind) {
  static constexpr std::array<std::string_view, 4> names{"poisson", "gamma", "constant", "at-once"};
  return names;
}

void describe(Fields& fields, RequestSpecification& requests) {
  fields.optional("file", requests.file, "List of requests, beside the scenario: Azure, BurstGPT, Vidur, Mooncake");
  fields.optional("per_second", requests.per_second, "Open loop: mean requests per second", between(0, 1e9));
  fields.optional("arrivals", requests.arrivals, "Open loop: distribution of the times between arrivals");
  fields.optional("coefficient_of_variation", requests.coefficient_of_variation,
                  "gamma: of the times between arrivals; 1 is Poisson", between(1e-3, 100));
  fields.optional("concurrency", requests.concurrency,
                  "Closed loop: requests in flight; the next comes when one is done", between(0, 1e7));
  fields.optional("count", requests.count, "Requests in all; 0: as many as the file has", between(0, 1e10));
  fields.optional("prompt", requests.prompt, "Tokens of prompts");
  fields.optional("output", requests.output, "Tokens of outputs");
  fields.optional("rate_scale", requests.rate_scale, "A file's arrivals come this much faster", between(1e-6, 1e6));
  fields.optional("length_scale", requests.length_scale, "A file's requests are this much longer", between(1e-3, 1e3));
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
  const auto lengths = [&](const LengthSpecification& length, const char* pointer) {
    if (length.kind == LengthKind::uniform && length.minimum > length.tokens)
      problems.emplace_back(pointer, "\"minimum\" is larger than \"tokens\"");
  };
  lengths(requests.prompt, "/prompt/minimum");
  lengths(requests.output, "/output/minimum");
  return problems;
}

std::unique_ptr<RequestStream> make_requests(const RequestSpecification& specification, std::uint64_t seed,
                                             const std::string& folder, Issues& issues) {
  if (specification.file.empty()) return std::make_unique<DrawnStream>(specification, seed);
  auto file = open_request_file(std::filesystem::path(folder) / specification.file, issues);
  return file ? std::make_unique<ScaledStream>(std::move(file), specification) : nullptr;
}

}  // namespace plenum::workload
