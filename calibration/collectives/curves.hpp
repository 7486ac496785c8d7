// What `plenum calibrate collectives` found on published measurements: calibration/collectives/curves.json. A
// collective takes
//
//   base + copy + (chain^overlap + bytes_time^overlap)^(1/overlap)
//
// chain: the latencies of its dependent hops; bytes_time: its bytes over the rate that payload reaches. A large
// `overlap` hides hops behind bytes altogether (the larger of the two counts), 1 adds them, less than 1 says that hops
// and bytes slow each other down between the extremes (fewer channels and smaller chunks on medium sizes).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calibration/collectives/situation.hpp"
#include "sim/core/fields.hpp"

namespace plenum::calibration {

/// Inside one domain, per link type, algorithm and protocol.
struct LinkCurve {
  std::string link;  ///< Situation::architecture, with the reach where it decides the path: "pcie4-8"
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  CollectiveProtocol protocol = CollectiveProtocol::simple;
  bool message = false;     ///< of single messages (send_receive), not of all_to_all
  Seconds base{};           ///< once
  Seconds step{};           ///< per dependent hop
  double efficiency = 0.8;  ///< payload rate / link rate
  double overlap = 1;
  BytesPerSecond copy{};  ///< of a rank's own part from input to output; 0: costs nothing
  Bytes chunk{};          ///< half of the rate is reached with chunks of this size; 0: chunks don't matter
  std::int64_t rows = 0;  ///< measurements behind it
};
void describe(Fields&, LinkCurve&);

/// Between domains: NCCL's own latencies, corrected.
struct NetworkCurve {
  Transport transport = Transport::infiniband;
  Seconds base{};
  double latency_factor = 1;       ///< measured network hops / NCCL's
  double efficiency = 0.9;         ///< payload rate / NIC rate
  double overlap_low_latency = 1;  ///< LL and LL128
  double overlap_simple = 1;
  std::int64_t rows = 0;
};
void describe(Fields&, NetworkCurve&);

/// The least time between two calls.
struct LaunchFloor {
  std::string architecture;
  Launch launch = Launch::stream;
  Seconds floor{};
  std::int64_t rows = 0;
};
void describe(Fields&, LaunchFloor&);

struct Curves {
  std::vector<LinkCurve> links;
  std::vector<NetworkCurve> networks;
  std::vector<LaunchFloor> launches;
};
void describe(Fields&, Curves&);

std::filesystem::path curves_file();  ///< calibration/collectives/curves.json below the data root
std::optional<Curves> read_curves(const std::filesystem::path&, Issues&);
std::string to_text(const Curves&);  ///< as read_curves reads it

/// The committed ones, read once. Throws std::runtime_error when the installation lacks them.
const Curves& curves();

/// Rings and pairs of PCIe nodes and of the DGX-1's cube mesh pass over slower paths the further they reach.
std::string link_class(const Situation&, CollectiveAlgorithm);

const LinkCurve* find(const Curves&, const std::string& link, Method, bool message);
const NetworkCurve* find(const Curves&, Transport);
Seconds floor_of(const Curves&, const Situation&);

}  // namespace plenum::calibration
