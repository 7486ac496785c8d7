#include "sim/datacenter/way.hpp"

#include <algorithm>

namespace plenum::datacenter {

Way way_of(std::span<const topology::Channel> channels) {
  Way way;
  Seconds cables{}, usual{};
  bool by_host = false;
  for (const auto& link : channels) {
    way.latency += link.latency;
    by_host = by_host || link.kind == topology::LinkKind::host;
    if (link.kind != topology::LinkKind::cable) continue;
    way.leaves = true;
    cables += link.latency;
    usual += topology::usual_cable_latency;
  }
  if (way.leaves)
    way.added = cables - usual;
  else if (by_host)  // nodes of bridged pairs state the bridge's latency alone
    way.added = std::max(Seconds{}, way.latency - topology::usual_host_latency);
  else
    way.added = way.latency - topology::usual_domain_latency;
  return way;
}

void SlowestWay::add(const Way& way) {
  whole_ = std::max(whole_, way.latency);
  auto& most = way.leaves ? between_ : inside_;
  most = std::max(most.value_or(way.added), way.added);
}

PathLatency SlowestWay::latency() const { return {whole_, inside_.value_or(Seconds{}), between_.value_or(Seconds{})}; }

}  // namespace plenum::datacenter
