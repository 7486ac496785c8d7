#include "sim/datacenter/expert_exchange_run.hpp"

#include <numeric>

#include "workloads/collectives/expert_exchange.hpp"

namespace plenum::datacenter {
namespace {

/// The domain of every rank.
std::vector<std::uint32_t> domains_of(const calibration::ExpertExchange& e) {
  std::vector<std::uint32_t> domains;
  for (std::int64_t gpu = 0; gpu < e.ranks; ++gpu)
    domains.push_back(static_cast<std::uint32_t>(gpu * e.domains / e.ranks));
  return domains;
}

bool low_latency(const calibration::ExpertExchange& e) { return e.mode == calibration::ExchangeMode::low_latency; }

/// Tokens in one direction.
struct Leg {
  Leg(calibration::ExpertExchange exchange, bool combine) {
    exchange.combine = combine;
    timing = calibration::timing(exchange);
    bytes = static_cast<double>(exchange.tokens * calibration::token_bytes(exchange).value());
    efficiency = {timing.nvlink_efficiency, timing.network_efficiency};
  }

  calibration::Timing timing;
  double bytes = 0;
  LinkEfficiency efficiency;
};

}  // namespace

LoneExchange route_exchange(const topology::Network& network, const calibration::ExpertExchange& exchange,
                            const LoneExchange::Progress& progress) {
  std::vector<std::uint32_t> gpus(static_cast<std::size_t>(exchange.ranks));
  std::iota(gpus.begin(), gpus.end(), 0u);
  const auto domains = domains_of(exchange);
  return {network, gpus, workload::expert_flows(domains, exchange.top_k, low_latency(exchange)), progress};
}

ExchangeTimes run_exchange(const LoneExchange& flows, const calibration::ExpertExchange& exchange) {
  const auto time = [&](const Leg& leg) { return leg.timing.total(flows.time(leg.bytes, leg.efficiency)); };
  return {time(Leg(exchange, false)), time(Leg(exchange, true))};
}

ExchangeTimes run_exchange_unfolded(const topology::Network& network, const calibration::ExpertExchange& exchange) {
  Traffic traffic;
  std::vector<Member> members;
  for (std::uint32_t gpu = 0; gpu < exchange.ranks; ++gpu) members.push_back({traffic.add_rank(gpu, 0)});
  traffic.add_group(0, members, workload::expert_exchange(domains_of(exchange), exchange.top_k, low_latency(exchange)));
  engine::Engine engine;
  const Leg there(exchange, false), back(exchange, true);
  FoldedFabric dispatch(engine, network, traffic, there.efficiency, false);
  FoldedFabric combine(engine, network, traffic, back.efficiency, false);
  Seconds half{}, end{};
  dispatch.start(0, there.bytes, Seconds{}, [&] {
    half = engine.now();
    combine.start(0, back.bytes, Seconds{}, [&] { end = engine.now(); });
  });
  engine.run();
  return {there.timing.total(half), back.timing.total(end - half)};
}

}  // namespace plenum::datacenter
