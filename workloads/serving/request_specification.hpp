// What a user writes about the requests of a deployment: a file, or arrivals and lengths to be drawn.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workloads/serving/lengths.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::workload {

/// Times between arrivals: exponential, gamma with a given coefficient of variation, all equal; or all at the start.
enum class ArrivalKind : std::uint8_t { poisson, gamma, constant, at_once };

struct RequestSpecification {
  std::string file{};     ///< empty: drawn
  double per_second = 0;  ///< open loop: mean rate
  ArrivalKind arrivals = ArrivalKind::poisson;
  double coefficient_of_variation = 1;  ///< of the times between arrivals, gamma
  std::int64_t concurrency = 0;  ///< closed loop: requests in flight, the next one comes when one is done; 0: open
  std::int64_t count = 0;        ///< 0: all of the file
  LengthSpecification prompt{}, output{.tokens = 256};
  double rate_scale = 1;    ///< of a file: arrivals come this much faster
  double length_scale = 1;  ///< of a file: prompts and outputs are this much longer
};

std::span<const std::string_view> names_of(ArrivalKind);
void describe(Fields&, RequestSpecification&);

/// What single fields can't show; pointer below the specification, message.
std::vector<std::pair<std::string, std::string>> check(const RequestSpecification&);

/// Preconditions: check() found nothing. Files are read as they are asked for (paths are relative to `folder`); nothing
/// with an issue when one can't be opened or its format is unknown. What is wrong in a line becomes InvalidRequest.
std::unique_ptr<RequestStream> make_requests(const RequestSpecification&, std::uint64_t seed, const std::string& folder,
                                             Issues&);

}  // namespace plenum::workload
