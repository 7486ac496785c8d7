// Tokens to their experts and back, over the first GPUs of a cluster, on an otherwise idle fabric.
#pragma once

#include "calibration/collectives/expert_exchange.hpp"
#include "topologies/routing.hpp"

namespace plenum::datacenter {

struct ExchangeTimes {
  Seconds dispatch{}, combine{};
};

/// Dispatch, then combine. Precondition: the exchange's ranks are the cluster's first GPUs, domain by domain.
ExchangeTimes run_exchange(const topology::Network&, calibration::ExpertExchange, bool fold);

}  // namespace plenum::datacenter
