#include "analysis/stage_load.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::analysis {
namespace {

/// Work of a passage over the work that is done in a second.
double seconds_of_all(const scenario::ApplicationStage& stage) {
  if (stage.service)
    return stage.service->servers > 0 ? stage.service->time.value() / static_cast<double>(stage.service->servers) : 0;
  const auto& search = *stage.search;
  return search.bytes() * search.scanned / (static_cast<double>(search.hosts) * search.bandwidth.value());
}

/// Passages between two times, and how many were under way at each.
struct Half {
  double came = 0, before = 0, after = 0;
};

Half second_half(const datacenter::StageCounters& counters, double last) {
  Half half;
  for (std::size_t i = 0; i < counters.times.size(); ++i) {
    const double end = counters.ends[i], begin = end - counters.times[i];
    half.came += begin >= last / 2 && begin < last;
    half.before += begin < last / 2 && end >= last / 2;
    half.after += begin < last && end >= last;
  }
  return half;
}

/// What runs and waits is as much at the end of the arrivals as at half of them, whoever is served first, where the
/// stage carries what comes. Of numbers of Poisson's kind a difference of three deviations is chance, and so is a tenth
/// of what came: a model that is new to its load takes that long to fill its batch.
double growth(const datacenter::StageCounters& counters, double last) {
  const Half half = second_half(counters, last);
  const double grown = half.after - half.before;
  if (half.came < 20 || grown < 3 * std::sqrt(half.after + half.before) || grown < 0.1 * half.came) return 0;
  return grown / half.came;
}

}  // namespace

StageLoad stage_load(const scenario::ApplicationStage& stage, const datacenter::StageCounters& counters,
                     double per_second, double passages, Seconds last) {
  StageLoad load;
  if (per_second <= 0) return load;
  if (stage.served_by.empty())
    load.offered = per_second * passages * seconds_of_all(stage);
  else
    load.behind = growth(counters, last.value());
  return load;
}

}  // namespace plenum::analysis
