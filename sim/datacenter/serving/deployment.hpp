// A serving deployment in simulated time: requests come, a router gives them to replicas, prefill replicas hand over to
// decode replicas, and every request's times are written down.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>

#include "sim/datacenter/serving/arrivals.hpp"
#include "sim/datacenter/serving/autoscaler.hpp"
#include "sim/datacenter/serving/fleet_timeline.hpp"
#include "sim/datacenter/serving/front_end.hpp"
#include "sim/datacenter/serving/kv_transfer.hpp"
#include "sim/datacenter/serving/router.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/request.hpp"
#include "workloads/serving/zipf.hpp"

namespace plenum::datacenter {

class Deployment {
 public:
  /// `requests`: those that come in place of what the job asks for.
  Deployment(const scenario::Bound&, const scenario::BoundServing&, engine::Engine&, const Options&,
             std::unique_ptr<workload::RequestStream> requests = nullptr);

  void begin();
  /// A request of somebody who hears of its end; from `expect_visitors` on until as many `expect_no_visitors`.
  using Left = std::function<void(const RequestRecord&)>;
  void visit(workload::Request request, Left left) { enter(std::move(request), std::move(left)); }
  void expect_visitors() { ++visitors_; }
  void expect_no_visitors();
  const scenario::BoundServing& job() const { return job_; }

  void when_over(engine::Callback callback) { when_over_ = std::move(callback); }  ///< the last request has left
  /// Requests that left; how many come is only known when the scenario says so.
  Advance advance() const {
    const auto left = result_.requests.size() - underway_.size();
    return {left, std::max(left, static_cast<std::size_t>(job_.requests.count))};
  }
  /// After the engine has run. Throws SimulationFailed when a request is neither done nor refused, std::logic_error
  /// when tokens were lost.
  ServingResult result();

 private:
  /// Replicas of one kind, the prices of their steps, and who chooses among them.
  struct Fleet {
    std::optional<StepPrices> prices;
    std::unique_ptr<StepExtras> extras;
    Replicas replicas;
    std::vector<std::int64_t> tokens_ahead;  ///< by replica
    std::vector<FrontEnd> front_ends;        ///< by replica
    std::unique_ptr<Router> router;
    Choice first(std::size_t count) const {
      return {std::span(replicas).first(count), std::span(tokens_ahead).first(count)};
    }
  };
  struct Underway {
    workload::Request request;
    std::uint32_t entered_at = 0;               ///< replica that reads the prompt
    std::optional<std::uint32_t> decoded_at{};  ///< replica that gives the tokens, when it is chosen
    std::uint16_t service_class = 0;
    std::int64_t adapter = -1;
  };

  void build(Fleet&, const scenario::Pool&, Replica::Observer, const scenario::PrefixCaching&, std::uint64_t seed);
  void enter(workload::Request, Left = {});
  std::uint16_t draw_class();
  bool fits(const workload::Request&) const;
  Fleet& entry() { return transfer_ ? prefill_ : decode_; }  ///< that new requests go to
  /// Until the replica's front end has this request, too.
  Seconds pass_front_end(Fleet&, std::size_t place);
  /// Until users have the tokens that this replica of the decode fleet has given.
  Seconds pass_tokens(std::optional<std::uint32_t> place);
  Seconds message() const;            ///< what the front end takes for one, on average
  bool route(std::uint64_t request);  ///< to a replica's front end; false: turned away
  void hand_in(std::uint64_t request);
  void hand_over(std::uint64_t request);                     ///< what a prefill replica has read
  void take_over(std::uint64_t request, std::size_t place);  ///< by a decode replica
  Replica::Order order(std::uint64_t request) const;
  Replica::Order entry_order(std::uint64_t request) const;
  bool turns_away(std::int64_t tokens_ahead, const Underway&) const;
  void first_token(std::uint64_t request);
  void read(std::uint64_t request);  ///< by a prefill replica
  void done(std::uint64_t request);
  void leave(std::uint64_t request);  ///< done or refused: whoever follows may come
  Choice serving() const;             ///< replicas that take requests
  FleetSample sample() const;
  bool over() const { return arrivals_->over() && underway_.empty() && visitors_ == 0; }
  std::int64_t in_house() const { return static_cast<std::int64_t>(underway_.size()); }
  void check_tokens() const;
  double gpu_seconds() const;

  const scenario::Bound& bound_;
  const scenario::BoundServing& job_;
  engine::Engine& engine_;
  std::optional<Arrivals> arrivals_;
  Fleet decode_, prefill_;
  std::optional<KvTransfer> transfer_;
  std::optional<Autoscaler> autoscaler_;
  FleetTimeline timeline_;
  RandomStream classes_, applications_;
  std::optional<workload::Zipf> adapters_;
  std::unordered_map<std::uint64_t, Underway> underway_;
  std::unordered_map<std::uint64_t, Left> hears_of_end_;  ///< of visitors among them
  double outputs_ = 0, squared_outputs_ = 0;              ///< tokens that requests ask for
  std::int64_t visitors_ = 0;                             ///< applications that may send requests
  engine::Callback when_over_;
  ServingResult result_;
};

}  // namespace plenum::datacenter
