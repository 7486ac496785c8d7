// An application as written: what a request goes through, stage by stage. Models are served by other jobs of the
// scenario, which several applications may share; searches and tools take time on hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/serving/request_specification.hpp"

namespace plenum::scenario {

/// What a model reads. query: what is new in this turn; context: all that the session has read and written so far, what
/// the model then writes included; answer: what was last written into the context.
enum class Reads : std::uint8_t { query, context, answer };

/// Whatever takes a stated time: tools, databases, people. Servers are shared: when more requests come than there are,
/// all go slower alike.
struct TimedService {
  Seconds time{};                       ///< of one request by itself, mean
  double coefficient_of_variation = 0;  ///< of that time (gamma)
  std::int64_t servers = 0;             ///< 0: enough for all
};

/// A query is compared with vectors that lie evenly in the memory of hosts of their own; how fast that is, the bytes
/// read over the memory's bandwidth say. An exact search reads all vectors, an inverted file its centroids and the
/// lists it probes, a graph those on its way: `scanned` is their part.
struct VectorSearch {
  std::int64_t vectors = 0, dimension = 0;
  double bytes_per_value = 4;
  double scanned = 1;
  std::int64_t hosts = 1;
  BytesPerSecond bandwidth{};  ///< of one host's memory; 0: that of the cluster's hosts
  Seconds latency{};           ///< besides: network, merging
  double bytes() const { return static_cast<double>(vectors) * static_cast<double>(dimension) * bytes_per_value; }
};

/// Done by exactly one of: a serving job, a timed service, a search.
struct ApplicationStage {
  std::string name;
  std::string served_by{};
  std::optional<TimedService> service{};
  std::optional<VectorSearch> search{};
  Reads reads = Reads::context;
  std::int64_t instructions = 0;  ///< tokens before that, the same for everybody: system prompt, tools, policy
  std::optional<workload::LengthSpecification> document{};  ///< tokens of a text of its own that every call reads
  std::optional<workload::LengthSpecification> calls{};     ///< of the model, side by side; nothing: one
  std::optional<workload::LengthSpecification> output{};    ///< tokens written; nothing: what the request asks for
  std::optional<workload::LengthSpecification> adds{};      ///< tokens that the context grows by
  double share = 1;                                         ///< of the requests that come here: the others pass by
  double blocks = 0;                                        ///< of those, the part that ends here
  bool beside = false;                                      ///< starts with the stage before it
  std::string back_to{};  ///< a stage: all from there to this one are passed again and again
  std::optional<workload::LengthSpecification> rounds{};  ///< of that; the last one ends after the stage gone back to
};

/// What users were promised; zero: nothing.
struct ApplicationLevel {
  Seconds time_to_first_token{}, end_to_end{};
};

struct ApplicationJob {
  workload::RequestSpecification requests;
  std::vector<ApplicationStage> stages;
  ApplicationLevel service_level{};
};

std::span<const std::string_view> names_of(Reads);
void describe(Fields&, TimedService&);
void describe(Fields&, VectorSearch&);
void describe(Fields&, ApplicationStage&);
void describe(Fields&, ApplicationLevel&);
void describe(Fields&, ApplicationJob&);

/// Steps that are passed several times.
struct StageLoop {
  std::size_t first = 0, last = 0;  ///< steps
  workload::LengthSpecification rounds{};
};

struct BoundApplication {
  std::string name;
  workload::RequestSpecification requests;
  std::string folder;  ///< where the file of requests is looked for
  std::vector<ApplicationStage> stages;
  std::vector<std::size_t> serving;  ///< by stage: which serving job; nothing sensible for others
  std::vector<char> writes;          ///< by stage: a model reads the context and writes what follows
  std::vector<std::size_t> steps;    ///< first stages of steps, those of one start together; one past the end closes
  std::vector<StageLoop> loops;
  ApplicationLevel service_level{};

  std::size_t step_count() const { return steps.size() - 1; }
  /// The last step in which a stage writes into the context; nothing when none does.
  std::optional<std::size_t> last_writer() const;
};

}  // namespace plenum::scenario
