// Requests as engines see them: when, how many tokens in, how many out. Streams hand them out one at a time, so that a
// trace of gigabytes needs no memory.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/quantity.hpp"

namespace plenum::workload {

struct Request {
  Seconds arrival{};
  std::int32_t prompt = 1;  ///< tokens, at least 1
  std::int32_t output = 1;  ///< tokens, at least 1; the first one ends the time to first token
};

class RequestStream {
 public:
  virtual ~RequestStream() = default;
  /// In the order of arrival; nothing after the last one.
  virtual std::optional<Request> next() = 0;
};

}  // namespace plenum::workload
