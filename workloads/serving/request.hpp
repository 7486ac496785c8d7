// Requests as engines see them: when, how many tokens in, how many out. Streams hand them out one at a time, so that a
// trace of gigabytes needs no memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/quantity.hpp"

namespace plenum::workload {

/// Names of the leading blocks of a request's tokens, for caches. An id stands for a block and everything before it, so
/// two requests with an id in common have all tokens up to that block in common.
struct Prefix {
  std::int32_t block_tokens = 512;
  std::int32_t tokens = 0;  ///< that the ids cover; the last block may be cut short
  std::vector<std::uint64_t> ids;

  std::int32_t end_of(std::size_t block) const {
    return std::min<std::int32_t>(static_cast<std::int32_t>(block + 1) * block_tokens, tokens);
  }
  /// Blocks that end among the first `most` tokens.
  std::size_t blocks_within(std::int32_t most) const {
    return most >= tokens ? ids.size() : static_cast<std::size_t>(most / block_tokens);
  }
};

struct FollowUp;

struct Request {
  Seconds arrival{};
  std::int32_t prompt = 1;                 ///< tokens, at least 1
  std::int32_t output = 1;                 ///< tokens, at least 1; the first one ends the time to first token
  std::shared_ptr<const Prefix> prefix{};  ///< nothing: shares nothing
  std::uint64_t session = 0;               ///< requests of one conversation; 0: by itself
  std::shared_ptr<const FollowUp> then{};  ///< the session's next request
  bool more = false;                       ///< of the session will come, from whoever sent this one
};

/// A turn of a conversation or of an agent: comes when the one before is done and the user or a tool has taken `wait`.
struct FollowUp {
  Seconds wait{};
  Request request;
};

class RequestStream {
 public:
  virtual ~RequestStream() = default;
  /// In the order of arrival; nothing after the last one.
  virtual std::optional<Request> next() = 0;
};

}  // namespace plenum::workload
