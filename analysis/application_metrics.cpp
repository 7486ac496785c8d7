#include "analysis/application_metrics.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::analysis {
namespace {

using datacenter::ApplicationRecord;
using datacenter::ApplicationResult;

double per(double sum, std::size_t count) { return count > 0 ? sum / static_cast<double>(count) : 0; }

template <class Value>
Distribution over_complete(const ApplicationResult& result, const Value& value) {
  std::vector<double> values;
  for (const auto& request : result.requests)
    if (request.complete()) values.push_back(value(request));
  return distribution(std::move(values));
}

double first_token(const ApplicationRecord& r) { return (r.first_token - r.arrival).value(); }
double end_to_end(const ApplicationRecord& r) { return (r.done - r.arrival).value(); }

bool is_good(const scenario::ApplicationLevel& level, const ApplicationRecord& r) {
  const double first = level.time_to_first_token.value(), end = level.end_to_end.value();
  return r.complete() && (first <= 0 || first_token(r) <= first) && (end <= 0 || end_to_end(r) <= end);
}

/// As stated; of a list of requests as they came. None where all come at once or when others are done.
/// What comes whatever becomes of it: requests, or sessions, whose turns come when answers have.
std::vector<Seconds> beginnings(const ApplicationResult& result) {
  std::vector<Seconds> times;
  for (const auto& request : result.requests)
    if (!request.follows) times.push_back(request.arrival);
  return times;
}

/// Requests per second, all turns of a session among them.
double offered(const scenario::BoundApplication& job, const ApplicationResult& result, std::span<const Seconds> begun) {
  if (job.requests.concurrency > 0 || begun.empty() || begun.back() <= Seconds(0)) return 0;
  const auto sessions = static_cast<double>(begun.size());
  const double rate = job.requests.per_second > 0 ? job.requests.per_second : sessions / begun.back().value();
  return rate * static_cast<double>(result.requests.size()) / sessions;
}

void add_stages(ApplicationMetrics& m, const scenario::BoundApplication& job, const ApplicationResult& result,
                Seconds last) {
  const std::size_t count = job.stages.size();
  std::vector<double> waited(count);
  double all = 0;
  for (std::size_t i = 0; i < result.waited.size(); ++i) {
    waited[i % count] += result.waited[i];
    all += result.waited[i];
  }
  for (std::size_t stage = 0; stage < count; ++stage) {
    const auto& counters = result.stages[stage];
    const double passages = per(static_cast<double>(counters.times.size()), m.requests);
    m.stages.push_back({.name = job.stages[stage].name,
                        .time = distribution(counters.times),
                        .passages = passages,
                        .calls = per(static_cast<double>(counters.calls), m.requests),
                        .prompt_tokens = per(counters.prompt_tokens, m.requests),
                        .output_tokens = per(counters.output_tokens, m.requests),
                        .waited_share = all > 0 ? waited[stage] / all : 0,
                        .load = stage_load(job.stages[stage], counters, m.offered_per_second, passages, last)});
  }
}

/// Every serving job's price of its input and output tokens, of which this application has its own.
void add_costs(ApplicationMetrics& m, const scenario::BoundApplication& job, const ApplicationResult& result,
               const std::vector<ServingMetrics>& serving) {
  const std::size_t complete = m.end_to_end.count;
  if (complete == 0) return;
  for (std::size_t stage = 0; stage < job.stages.size(); ++stage) {
    if (job.stages[stage].served_by.empty()) continue;
    const auto& prices = serving[job.serving[stage]].costs;
    m.costs.resize(std::max(m.costs.size(), prices.size()));
    const auto& counters = result.stages[stage];
    for (std::size_t i = 0; i < prices.size(); ++i) {
      m.costs[i].basis = prices[i].basis;
      m.costs[i].per_request += (counters.prompt_tokens * prices[i].input + counters.output_tokens * prices[i].output) /
                                (1e6 * static_cast<double>(complete));
    }
  }
}

}  // namespace

ApplicationMetrics measure(const scenario::BoundApplication& job, const ApplicationResult& result,
                           const std::vector<ServingMetrics>& serving) {
  ApplicationMetrics m;
  m.job = result.job;
  m.requests = result.requests.size();
  m.blocked = static_cast<std::size_t>(std::ranges::count_if(result.requests, &ApplicationRecord::blocked));
  m.time_to_first_token = over_complete(result, first_token);
  m.end_to_end = over_complete(result, end_to_end);
  m.context = over_complete(result, [](const ApplicationRecord& r) { return static_cast<double>(r.context); });
  m.refused = m.requests - m.blocked - m.end_to_end.count;
  double calls = 0, good = 0;
  for (const auto& request : result.requests) {
    calls += request.calls;
    good += is_good(job.service_level, request) ? 1 : 0;
  }
  const double duration = std::max(result.end.value(), 1e-9);
  m.requests_per_second = static_cast<double>(m.end_to_end.count) / duration;
  m.calls = per(calls, m.requests);
  m.good = per(good, m.requests);
  m.goodput_per_second = good / duration;
  const auto begun = beginnings(result);
  m.offered_per_second = offered(job, result, begun);
  add_stages(m, job, result, begun.empty() ? Seconds(0) : begun.back());
  add_costs(m, job, result, serving);
  return m;
}

}  // namespace plenum::analysis
