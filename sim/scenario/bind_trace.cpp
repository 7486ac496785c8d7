#include "sim/scenario/bind_trace.hpp"

#include <filesystem>

#include "sim/core/files.hpp"
#include "workloads/traces/chakra.hpp"
#include "workloads/traces/replicate.hpp"
#include "workloads/traces/simai.hpp"

namespace plenum::scenario {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_text = std::size_t{256} << 20;

std::optional<workload::Trace> read(const TraceJob& job, const fs::path& folder, Issues& issues) {
  if (!job.chakra.empty())
    return workload::open_chakra(folder / job.chakra, job.communicators.empty() ? "" : folder / job.communicators,
                                 issues);
  const fs::path file = folder / job.simai;
  const auto text = read_whole(file, issues, largest_text);
  return text ? workload::read_simai(*text, file.string(), job.ranks, issues) : std::nullopt;
}

}  // namespace

void describe(Fields& fields, TraceJob& job) {
  fields.optional("chakra", job.chakra, "Chakra execution traces: prefix of PREFIX.0.et, PREFIX.1.et, ...");
  fields.optional("communicators", job.communicators, "JSON file that says who is in Chakra's communicators");
  fields.optional("simai", job.simai, "SimAI workload text");
  fields.optional("ranks", job.ranks, "Ranks that run it; 0: as many as the trace says", between(0, 1 << 20));
  fields.optional("first_node", job.first_node, "Where the job starts; a rank per GPU, in a row", between(0, 1 << 24));
}

std::optional<workload::Trace> open_trace(const TraceJob& job, const std::string& pointer, Complaints& complaints) {
  if (job.chakra.empty() == job.simai.empty()) {
    complaints.add(pointer, "give either \"chakra\" or \"simai\": the files of the trace");
    return std::nullopt;
  }
  if (job.chakra.empty() && !job.communicators.empty()) {
    complaints.add(pointer + "/communicators",
                   "belongs to \"chakra\"; a SimAI text says in its first line who communicates");
    return std::nullopt;
  }
  const fs::path folder = fs::path(json::position_of(complaints.source, pointer).file).parent_path();
  Issues found;
  auto trace = read(job, folder, found);
  if (trace) workload::replicate(*trace, job.chakra.empty() ? trace->ranks : job.ranks, found);
  for (const auto& issue : found.all()) complaints.issues.add(issue);
  return found.has_errors() ? std::nullopt : std::move(trace);
}

}  // namespace plenum::scenario
