#include "workloads/traces/chakra.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/core/files.hpp"
#include "sim/core/json.hpp"
#include "sim/core/random.hpp"
#include "workloads/traces/chakra_file.hpp"

namespace plenum::workload {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t most_ranks = 1 << 20;

/// The rank in "prefix.12.et"; nothing for other files.
std::optional<std::int64_t> rank_in(const std::string& file, const std::string& prefix) {
  constexpr std::string_view ending = ".et";
  if (!file.starts_with(prefix + ".") || !file.ends_with(ending)) return std::nullopt;
  const std::size_t start = prefix.size() + 1;
  if (file.size() <= start + ending.size()) return std::nullopt;
  std::int64_t rank = 0;
  const char* end = file.data() + file.size() - ending.size();
  const auto [stop, error] = std::from_chars(file.data() + start, end, rank);
  return error == std::errc() && stop == end && rank >= 0 && rank < most_ranks ? std::optional(rank) : std::nullopt;
}

/// One more than the largest rank that has a file.
std::int64_t count_ranks(const fs::path& prefix) {
  const fs::path folder = prefix.has_parent_path() ? prefix.parent_path() : ".";
  std::int64_t ranks = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (const auto rank = rank_in(entry.path().filename().string(), prefix.filename().string()))
      ranks = std::max(ranks, *rank + 1);
  return ranks;
}

class Reader {
 public:
  Reader(const fs::path& prefix, Issues& issues) : prefix_(prefix), issues_(issues) {}

  std::vector<std::shared_ptr<const Program>> read_all() {
    std::vector<std::shared_ptr<const Program>> programs;
    const std::int64_t ranks = count_ranks(prefix_);
    if (ranks == 0)
      issues_.error({prefix_.string()}, "",
                    fmt::format("there is no {}.0.et; traces have a file for each rank", prefix_.filename().string()));
    for (std::int64_t rank = 0; rank < ranks; ++rank) programs.push_back(read(rank, ranks));
    return programs;
  }

 private:
  std::shared_ptr<const Program> read(std::int64_t rank, std::int64_t ranks) {
    const fs::path file = fmt::format("{}.{}.et", prefix_.string(), rank);
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
      issues_.error({file.string()}, "",
                    fmt::format("rank {} is missing; the trace has files up to rank {}", rank, ranks - 1));
      return nullptr;
    }
    const auto bytes = read_whole(file, issues_);
    return bytes ? same_or_new(*bytes, file.string()) : nullptr;
  }

  /// Files of equal content are read once; what is wrong in them is told once.
  std::shared_ptr<const Program> same_or_new(const std::string& bytes, const std::string& file) {
    const auto [place, is_new] = known_.emplace(std::pair(hash_of(bytes), bytes.size()), nullptr);
    if (is_new) place->second = read_chakra(bytes, file, issues_);
    return place->second;
  }

  const fs::path& prefix_;
  Issues& issues_;
  std::map<std::pair<std::uint64_t, std::size_t>, std::shared_ptr<const Program>> known_;
};

void read_members(const json::Member& group, std::map<std::string, Communicator>& communicators, Issues& issues) {
  const std::string pointer = json::pointer_join("", group.key);
  auto& ranks = communicators[group.key].ranks;
  const auto* list = std::get_if<json::Array>(&group.value.data);
  if (!list || list->empty())
    return issues.error(
        group.value.where, pointer,
        fmt::format("is {}; a list of ranks would be right", list ? "empty" : std::string(group.value.kind())));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* rank = std::get_if<std::int64_t>(&(*list)[i].data);
    if (rank && *rank >= 0 && *rank < most_ranks)
      ranks.push_back(*rank);
    else
      issues.error((*list)[i].where, fmt::format("{}/{}", pointer, i),
                   "is no rank; a whole number from 0 on would be right");
  }
  std::ranges::sort(ranks);
  if (std::ranges::adjacent_find(ranks) != ranks.end())
    issues.error(group.value.where, pointer, fmt::format("has rank {} twice", *std::ranges::adjacent_find(ranks)));
}

std::map<std::string, Communicator> read_communicators(const fs::path& file, Issues& issues) {
  std::map<std::string, Communicator> communicators;
  const auto document = json::parse_file(file, issues);
  if (!document) return communicators;
  if (const auto* groups = std::get_if<json::Object>(&document->data))
    for (const auto& group : *groups) read_members(group, communicators, issues);
  else
    issues.error(document->where, "", R"(is no object of communicators, {"name": [ranks], ...})");
  return communicators;
}

}  // namespace

std::optional<Trace> open_chakra(const fs::path& prefix, const fs::path& communicators, Issues& issues) {
  Issues found;
  Trace trace;
  trace.recorded = Reader(prefix, found).read_all();
  if (!communicators.empty()) trace.communicators = read_communicators(communicators, found);
  for (const auto& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  return trace;
}

}  // namespace plenum::workload
