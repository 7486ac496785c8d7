#include "sim/datacenter/expert_exchange_run.hpp"

#include "sim/datacenter/fabric.hpp"
#include "workloads/collectives/expert_exchange.hpp"

namespace plenum::datacenter {
namespace {

/// Tokens in one direction.
class Leg {
 public:
  Leg(engine::Engine& engine, const topology::Network& network, const calibration::ExpertExchange& exchange, bool fold)
      : engine_(engine),
        timing_(calibration::timing(exchange)),
        bytes_(static_cast<double>(exchange.tokens * calibration::token_bytes(exchange).value())),
        fabric_(engine, network, traffic_of(exchange), {timing_.nvlink_efficiency, timing_.network_efficiency}, fold) {}

  void start(engine::Callback when_done) {
    begin_ = engine_.now();
    fabric_.start(0, bytes_, Seconds{}, [this, when_done = std::move(when_done)]() mutable {
      const auto flows = engine_.now() - begin_;
      engine_.after(timing_.total(flows) - flows, [this, when_done = std::move(when_done)] {
        time_ = engine_.now() - begin_;
        when_done();
      });
    });
  }

  Seconds time() const { return time_; }

 private:
  static Traffic traffic_of(const calibration::ExpertExchange& exchange) {
    Traffic traffic;
    std::vector<Member> members;
    std::vector<std::uint32_t> domains;
    for (std::uint32_t gpu = 0; gpu < exchange.ranks; ++gpu) {
      members.push_back({traffic.add_rank(gpu, 0)});
      domains.push_back(static_cast<std::uint32_t>(gpu * exchange.domains / exchange.ranks));
    }
    const bool low_latency = exchange.mode == calibration::ExchangeMode::low_latency;
    traffic.add_group(0, members, workload::expert_exchange(domains, exchange.top_k, low_latency));
    return traffic;
  }

  engine::Engine& engine_;
  calibration::Timing timing_;
  double bytes_;
  FoldedFabric fabric_;
  Seconds begin_{}, time_{};
};

}  // namespace

ExchangeTimes run_exchange(const topology::Network& network, calibration::ExpertExchange exchange, bool fold) {
  engine::Engine engine;
  exchange.combine = false;
  Leg dispatch(engine, network, exchange, fold);
  exchange.combine = true;
  Leg combine(engine, network, exchange, fold);
  dispatch.start([&] { combine.start([] {}); });
  engine.run();
  return {dispatch.time(), combine.time()};
}

}  // namespace plenum::datacenter
