// Requests and conversations by chance.
#pragma once

#include "workloads/serving/arrival_process.hpp"

namespace plenum::workload {

class DrawnRequests final : public RequestStream {
 public:
  DrawnRequests(const RequestSpecification&, std::uint64_t seed);
  /// With sessions: the first request of each, the others follow it.
  std::optional<Request> next() override;

 private:
  Request session(std::int64_t turns);
  std::shared_ptr<const Prefix> prefix(std::uint64_t session, std::uint64_t group, std::int64_t tokens) const;
  bool shares() const { return specification_.session || specification_.shared_prefix; }

  RequestSpecification specification_;
  ArrivalProcess arrivals_;
  RandomStream lengths_, sessions_, groups_;
  std::int64_t given_ = 0;
};

}  // namespace plenum::workload
