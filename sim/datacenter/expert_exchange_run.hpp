// Tokens to their experts and back, over the first GPUs of a cluster, on an otherwise idle fabric.
#pragma once

#include "calibration/collectives/expert_exchange.hpp"
#include "sim/datacenter/lone_exchange.hpp"
#include "topologies/routing.hpp"

namespace plenum::datacenter {

struct ExchangeTimes {
  Seconds dispatch{}, combine{};
};

/// Its flows on the fabric, which don't depend on the number of tokens. Precondition: the exchange's ranks are the
/// cluster's first GPUs, domain by domain.
LoneExchange route_exchange(const topology::Network&, const calibration::ExpertExchange&,
                            const LoneExchange::Progress& = {});

/// Dispatch, then combine.
ExchangeTimes run_exchange(const LoneExchange&, const calibration::ExpertExchange&);
/// The same where every flow and channel is simulated for itself: a check for small clusters. Once per process.
ExchangeTimes run_exchange_unfolded(const topology::Network&, const calibration::ExpertExchange&);

}  // namespace plenum::datacenter
