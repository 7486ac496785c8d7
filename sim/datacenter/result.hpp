// What a simulation observed, before anybody interprets it: per job, per class of ranks, where its time went, and what
// every channel carried. Pure data; analysis/ turns it into metrics, money, pictures and files.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/device.hpp"
#include "sim/core/quantity.hpp"
#include "sim/datacenter/applications/application_result.hpp"
#include "sim/datacenter/generation/generation_result.hpp"
#include "sim/datacenter/reinforcement/reinforcement_result.hpp"
#include "sim/datacenter/serving/serving_result.hpp"
#include "sim/datacenter/traces/trace_result.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

/// Where a rank's main stream spends the step. The parts of a rank sum to the step exactly.
enum class Part : std::uint8_t {
  matrix_product,
  attention,
  norm,
  activation,
  embedding,
  loss,
  sharding,
  optimizer,  // compute, by kernel family
  tensor_communication,
  context_communication,
  data_communication,
  expert_communication,
  pipeline_communication,  // exposed only
  bubble,                  // waiting for another pipeline stage that is still computing
  straggler,               // waiting for a slower member of its own group
  host,                    // launch gaps, data loading, Python between steps
  offload                  // copies to and from the host's memory, and the host's update of an offloaded optimizer
};
inline constexpr std::size_t part_count = 17;
inline constexpr std::array<std::string_view, part_count> part_names{"matrix_product",
                                                                     "attention",
                                                                     "norm",
                                                                     "activation",
                                                                     "embedding",
                                                                     "loss",
                                                                     "sharding",
                                                                     "optimizer",
                                                                     "tensor_communication",
                                                                     "context_communication",
                                                                     "data_communication",
                                                                     "expert_communication",
                                                                     "pipeline_communication",
                                                                     "bubble",
                                                                     "straggler",
                                                                     "host",
                                                                     "offload"};
using Breakdown = std::array<Seconds, part_count>;

/// By kind of collective.
using KindTimes = std::array<Seconds, collective_names.size()>;
/// The parts of communication by kind of collective, in the order of the parts from tensor_communication on.
inline constexpr auto first_communication = static_cast<std::size_t>(Part::tensor_communication);
inline constexpr std::size_t communication_parts = 5;
using Exposed = std::array<KindTimes, communication_parts>;

/// One slice of a representative rank's timeline, for traces.
struct Interval {
  enum class Track : std::uint8_t { compute, tensor, context, expert, data, send, receive };
  Track track = Track::compute;
  Seconds start{}, end{};
  std::string name;  ///< "forward 3", "all_gather parameters", ...
  std::int32_t chunk = -1, micro_batch = -1;
  std::int64_t message = -1;  ///< send and receive of one message share it
};

struct RankClass {
  std::int64_t representative = 0;  ///< rank within the job
  std::int64_t members = 1;
  std::int64_t stage = 0;
  Breakdown parts{};
  Exposed exposed{};               ///< its communication parts, divided
  std::vector<Interval> timeline;  ///< only when traces were asked for
};

struct ChannelLoad {
  std::string name;
  std::string tier;          ///< the kinds at its ends: "gpu -> nvswitch"
  double bytes = 0;          ///< carried during the step by one channel of the class
  std::int64_t members = 1;  ///< channels like it
  double utilization = 0;    ///< of its bandwidth over the step
};

struct TrainingResult {
  std::string job;
  Seconds step{};
  std::vector<RankClass> ranks;
  calibration::Footing footing = calibration::Footing::measured;  ///< the weakest of any kernel used
};

struct CollectiveJobResult {
  std::string job;
  Seconds start{}, end{};     ///< of all repetitions
  std::int64_t repeated = 0;  ///< those that ended
};

struct Result {
  std::vector<TrainingResult> training;
  std::vector<ServingResult> serving;
  std::vector<GenerationResult> generation;
  std::vector<ReinforcementResult> reinforcement;
  std::vector<ApplicationResult> applications;
  std::vector<TraceResult> traces;
  std::vector<CollectiveJobResult> collectives;
  std::vector<ChannelLoad> busiest;  ///< by utilization, busiest first, a few dozen at most
  Seconds makespan{};
  std::int64_t nodes_unfolded = 0, nodes_folded = 0;  ///< ranks, groups, flows and channels before and after folding
  std::int64_t ranks_unfolded = 0, ranks_folded = 0;
  std::uint64_t events = 0;
};

}  // namespace plenum::datacenter
