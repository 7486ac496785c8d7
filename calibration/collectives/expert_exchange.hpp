// How long DeepEP's dispatch and combine take: calibration/collectives/expert_exchange.json, fitted to published
// measurements by `plenum calibrate experts`. The form is that of collectives (curves.hpp); the rate is limited by
// links, by NICs, and by the multiprocessors that move the tokens.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibration/collectives/timing.hpp"
#include "sim/core/fields.hpp"

namespace plenum::calibration {

enum class ExchangeMode : std::uint8_t { normal, low_latency };
inline constexpr std::array<std::string_view, 2> exchange_mode_names{"normal", "low_latency"};
inline std::span<const std::string_view> names_of(ExchangeMode) { return exchange_mode_names; }

struct ExpertExchange {
  std::string architecture = "hopper";
  ExchangeMode mode = ExchangeMode::normal;
  bool combine = false;  ///< else dispatch
  std::int64_t ranks = 8, domains = 1;
  std::int64_t tokens = 1, hidden = 7168, top_k = 8;  ///< tokens per GPU
  std::int64_t multiprocessors = 20;                  ///< that move tokens; low_latency takes what it needs
  BytesPerSecond link{450e9}, nic{50e9};              ///< of one GPU
};

struct ExchangeCurve {
  std::string architecture;
  ExchangeMode mode = ExchangeMode::normal;
  bool combine = false;
  bool spans = false;       ///< several nodes
  Seconds base{};           ///< once
  Seconds hop{};            ///< per node beyond the first: their queues are waited for one after the other
  double efficiency = 0.7;  ///< of a link
  double network_efficiency = 0.85;
  double overlap = 1;
  BytesPerSecond per_multiprocessor{};  ///< 0: no limit
  std::int64_t rows = 0;
};
void describe(Fields&, ExchangeCurve&);

using ExchangeCurves = std::vector<ExchangeCurve>;
std::filesystem::path exchange_file();
std::optional<ExchangeCurves> read_exchange_curves(const std::filesystem::path&, Issues&);
std::string to_text(const ExchangeCurves&);
/// The committed ones. Throws std::runtime_error when the installation lacks them.
const ExchangeCurves& exchange_curves();

/// Bytes of one token on the way: FP8 with a scale per 128 values to the experts, BF16 back.
Bytes token_bytes(const ExpertExchange&);

/// What lies beside the flows of workload::expert_exchange() with tokens x token_bytes(). An architecture without
/// measurements moves like the newest one.
Timing timing(const ExpertExchange&, const ExchangeCurves& = exchange_curves());

/// Closed form on an idle fabric.
Seconds alone(const ExpertExchange&, const ExchangeCurves& = exchange_curves());

struct ExchangeSample {
  ExpertExchange exchange;
  Seconds measured{};
};
ExchangeCurves fit_exchange_curves(std::span<const ExchangeSample>);

}  // namespace plenum::calibration
