// How long a collective takes beside its bytes, and how it is best carried out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calibration/collectives/curves.hpp"
#include "calibration/collectives/situation.hpp"

namespace plenum::calibration {

struct Timing {
  double nvlink_efficiency = 1;   ///< payload rate / link rate, of links inside a domain
  double network_efficiency = 1;  ///< the same of NICs and cables
  Seconds base{};                 ///< once, the copy of a rank's own part included
  Seconds chain{};                ///< dependent hops, hidden behind bytes as far as they overlap
  double overlap = 1;             ///< exponent
  Seconds floor{};                ///< least time between two calls

  /// The whole collective, when its flows took `flows` at the efficiencies given.
  Seconds total(Seconds flows) const;
};

/// Why this method can't be used here; empty when it can ("NVLink SHARP needs at least 5 GPUs ...").
std::string refusal(const Situation&, CollectiveKind, Method);

/// What NCCL's cost model picks inside one domain; between domains the fastest that can be used.
Method choose(const Situation&, CollectiveKind, Bytes, const Curves& = curves());
/// The best one of those that have the algorithm or the protocol, or why there is none.
struct MethodOrRefusal {
  Method method;
  std::string refusal;
};
MethodOrRefusal choose(const Situation&, CollectiveKind, Bytes, std::optional<CollectiveAlgorithm>,
                       std::optional<CollectiveProtocol>, const Curves& = curves());

/// Precondition: refusal() found nothing, and 2 <= ranks.
Timing timing(const Situation&, CollectiveKind, Method, Bytes, const Curves& = curves());

/// Dependent hops in all, and how often the buffer passes a GPU's link and the NICs of a domain.
struct Passes {
  double hops = 0, network_hops = 0;
  double link = 0, network = 0;
};
Passes passes(const Situation&, CollectiveKind, CollectiveAlgorithm);

/// Of the buffer, where the collective is slowest, at these shares of the links' and the NICs' rates.
double seconds_per_byte(const Situation&, const Passes&, double nvlink_efficiency, double network_efficiency);

/// Closed form of the whole on an idle fabric without oversubscription.
Seconds alone(const Situation&, CollectiveKind, Method, Bytes, const Curves& = curves());

}  // namespace plenum::calibration
