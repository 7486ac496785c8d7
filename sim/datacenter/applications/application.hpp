// An application in simulated time: every request goes through its stages, and the deployments that serve them know no
// more than that somebody asks. A session's context only grows, so that what a model has read of it stays in its cache.
#pragma once

#include <deque>
#include <unordered_map>

#include "sim/datacenter/applications/application_result.hpp"
#include "sim/datacenter/applications/host_service.hpp"
#include "sim/datacenter/serving/arrivals.hpp"
#include "sim/datacenter/serving/deployment.hpp"

namespace plenum::datacenter {

class Application {
 public:
  /// `deployments`: those of the scenario's serving jobs, in their order.
  Application(const scenario::BoundApplication&, std::deque<Deployment>& deployments, engine::Engine&, const Options&);

  void begin();
  Advance advance() const;
  /// After the engine has run. Throws SimulationFailed when a request has not left.
  ApplicationResult result();

 private:
  /// What a session has said so far.
  struct Session {
    std::uint64_t key = 0;     ///< of its blocks in caches
    std::int64_t context = 0;  ///< tokens
    std::int64_t stream = 0;   ///< the same without what stages added, as the stream of requests counts
  };
  struct Journey {
    workload::Request request;
    RandomStream random;
    Session session;
    std::size_t step = 0;
    std::int32_t open = 0;  ///< stages of the step
    Seconds step_began{};
    std::vector<std::int32_t> calls{};   ///< by stage, that are not back yet
    std::vector<std::int64_t> rounds{};  ///< by loop, to come, the present one included
    Seconds first_token{};               ///< of what was written last, when all stages besides are done
  };
  using Id = std::uint64_t;

  void enter(workload::Request);
  Session session_of(const workload::Request&);
  void begin_step(Id, std::size_t step);
  void begin_stage(Id, std::size_t stage);
  workload::Request request_for(Id, std::size_t stage);
  std::shared_ptr<const workload::Prefix> prefix_of(const Journey&, std::size_t stage, std::int64_t tokens) const;
  bool more_to_come(const Journey&) const;
  void called(Id, std::size_t stage, const RequestRecord&);
  void finish_stage(Id, std::size_t stage);
  void close_stage(Id, std::size_t stage);  ///< passed or passed by; the last one of a step ends it
  std::size_t next_step(Journey&) const;
  void leave(Id);
  Deployment& server(std::size_t stage) const { return deployments_[job_.serving[stage]]; }
  void tell_servers(void (Deployment::*what)());
  void tell_when_over();

  const scenario::BoundApplication& job_;
  std::deque<Deployment>& deployments_;
  engine::Engine& engine_;
  const std::uint64_t seed_;
  std::optional<Arrivals> arrivals_;
  std::vector<std::optional<HostService>> services_;  ///< by stage
  const std::optional<std::size_t> last_writer_;      ///< step
  std::unordered_map<Id, Journey> underway_;
  std::unordered_map<std::uint64_t, Session> sessions_;  ///< between two turns
  ApplicationResult result_;
};

}  // namespace plenum::datacenter
