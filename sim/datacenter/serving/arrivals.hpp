// Requests of one job as they come: at their times (open loop), or as many as are in flight at a time (closed loop);
// the next one of a session when the one before it has left and people or tools have taken their time.
#pragma once

#include <functional>
#include <memory>

#include "sim/engine/engine.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::datacenter {

class Arrivals {
 public:
  using Enter = std::function<void(workload::Request)>;

  struct Loop {
    std::int64_t concurrency = 0;    ///< of a closed loop; 0: open
    std::int64_t barrier_after = 0;  ///< closed: so many requests (conversations count as one) are waited for
  };

  Arrivals(engine::Engine&, std::unique_ptr<workload::RequestStream>, Loop, Enter);

  void begin();
  /// A request of the stream, or one that followed it, has left.
  void left(std::shared_ptr<const workload::FollowUp> then);
  bool over() const { return nothing_left_ && sessions_to_come_ == 0; }  ///< nothing comes any more

 private:
  void schedule_next();
  void fill();
  void enter_next();
  bool at_barrier() const { return entered_ == loop_.barrier_after && entered_ > 0; }

  engine::Engine& engine_;
  std::unique_ptr<workload::RequestStream> stream_;
  const Loop loop_;
  Enter enter_;
  std::int64_t entered_ = 0, in_flight_ = 0;  ///< closed loop: requests of the stream
  std::int64_t sessions_to_come_ = 0;         ///< whose next request waits for people or tools
  bool nothing_left_ = false;                 ///< in the stream
};

}  // namespace plenum::datacenter
