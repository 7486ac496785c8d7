// What a user writes about the requests of a deployment: a file, or arrivals and lengths to be drawn.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workloads/serving/lengths.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::workload {

/// Times between arrivals: exponential, gamma with a given coefficient of variation, all equal; or all at the start.
/// on_off: Poisson during a share of every period; diurnal: Poisson at a rate that swings as a sinusoid.
enum class ArrivalKind : std::uint8_t { poisson, gamma, constant, at_once, on_off, diurnal };

/// Tokens that begin the prompts of many: system prompts, documents, tools.
struct SharedPrefix {
  std::int64_t tokens = 1024;
  std::int64_t count = 1;  ///< different ones, equally often
};

/// Conversations and agents: requests one after the other, each prompt with all that was said before.
struct Session {
  LengthSpecification turns{.tokens = 4};
  Seconds wait{10};  ///< from an answer to the next turn, mean of an exponential: people think, tools work
};

inline constexpr std::int64_t most_tokens = 1 << 24;

struct RequestSpecification {
  std::string file{};     ///< empty: drawn
  double per_second = 0;  ///< open loop: mean rate, of sessions where there are any; a file's times are replaced
  ArrivalKind arrivals = ArrivalKind::poisson;
  double coefficient_of_variation = 1;  ///< of the times between arrivals, gamma
  Seconds period{60};                   ///< on_off, diurnal
  double on_share = 0.5;                ///< on_off: part of the period in which requests come
  double swing = 0.5;                   ///< diurnal: of the rate, over its mean
  std::int64_t concurrency = 0;    ///< closed loop: requests in flight, the next one comes when one is done; 0: open
  std::int64_t barrier_after = 0;  ///< closed loop: so many are waited for before the rest begins; 0: no barrier
  std::int64_t count = 0;          ///< 0: all of the file
  LengthSpecification prompt{}, output{.tokens = 256};
  double rate_scale = 1;    ///< of a file: arrivals come this much faster
  double length_scale = 1;  ///< of a file: prompts and outputs are this much longer
  std::optional<SharedPrefix> shared_prefix{};
  std::optional<Session> session{};
  std::int64_t prefix_block_tokens = 512;  ///< tokens that an id of `hash_ids` stands for
};

std::span<const std::string_view> names_of(ArrivalKind);
void describe(Fields&, SharedPrefix&);
void describe(Fields&, Session&);
void describe(Fields&, RequestSpecification&);
/// When they come alone, and how many.
void describe_arrivals(Fields&, RequestSpecification&);

/// What single fields can't show; pointer below the specification, message.
std::vector<std::pair<std::string, std::string>> check(const RequestSpecification&);

/// Preconditions: check() found nothing. Files are read as they are asked for (paths are relative to `folder`); nothing
/// with an issue when one can't be opened or its format is unknown. What is wrong in a line becomes InvalidRequest.
std::unique_ptr<RequestStream> make_requests(const RequestSpecification&, std::uint64_t seed, const std::string& folder,
                                             Issues&);

}  // namespace plenum::workload
