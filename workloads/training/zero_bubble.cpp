#include <algorithm>

#include "workloads/training/schedule.hpp"

namespace plenum::workload {
namespace {

/// All ranks of a pipeline in steps of one pass each.
class Pipeline {
 public:
  Pipeline(std::int64_t ranks, std::int64_t micro_batches) : micro_batches_(micro_batches) {
    for (std::int64_t rank = 0; rank < ranks; ++rank)
      ranks_.push_back({.planned = one_f_one_b(ranks, 1, micro_batches, rank), .next = 0, .items = {}, .done = {}});
  }

  std::vector<ScheduleItem> items_of(std::int64_t rank) {
    while (!ranks_[static_cast<std::size_t>(rank)].is_done(micro_batches_)) step();
    return std::move(ranks_[static_cast<std::size_t>(rank)].items);
  }

 private:
  struct Rank {
    std::vector<ScheduleItem> planned;  ///< forward and backward passes
    std::size_t next = 0;
    std::vector<ScheduleItem> items;
    std::int64_t done[3] = {};  ///< passes of each kind

    std::int64_t count(Pass pass) const { return done[static_cast<std::size_t>(pass)]; }
    std::int64_t held() const { return count(Pass::forward) - count(Pass::weights); }
    bool is_done(std::int64_t micro_batches) const { return count(Pass::weights) == micro_batches; }
  };

  void step() {
    std::vector<std::pair<std::size_t, ScheduleItem>> chosen;
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) choose(rank, chosen);
    for (const auto& [rank, item] : chosen) {
      ranks_[rank].items.push_back(item);
      ++ranks_[rank].done[static_cast<std::size_t>(item.pass)];
      if (item.pass != Pass::weights) ++ranks_[rank].next;
    }
  }

  void choose(std::size_t rank, std::vector<std::pair<std::size_t, ScheduleItem>>& chosen) const {
    const Rank& r = ranks_[rank];
    if (r.next < r.planned.size() && can_run(rank, r.planned[r.next]))
      chosen.emplace_back(rank, r.planned[r.next]);
    else if (r.count(Pass::weights) < r.count(Pass::backward))
      chosen.emplace_back(rank, ScheduleItem{Pass::weights, 0, static_cast<std::int32_t>(r.count(Pass::weights))});
  }

  bool can_run(std::size_t rank, const ScheduleItem& item) const {
    const auto passed_by = [&](std::size_t other) { return ranks_[other].count(item.pass) > item.micro_batch; };
    if (item.pass == Pass::backward) return rank + 1 == ranks_.size() || passed_by(rank + 1);
    const bool has_room = ranks_[rank].held() < static_cast<std::int64_t>(ranks_.size());
    return has_room && (rank == 0 || passed_by(rank - 1));
  }

  std::int64_t micro_batches_;
  std::vector<Rank> ranks_;
};

}  // namespace

std::vector<ScheduleItem> zero_bubble(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank) {
  return Pipeline(pipeline_parallel, micro_batches).items_of(rank);
}

}  // namespace plenum::workload
