#include "analysis/serving_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "analysis/cost.hpp"
#include "analysis/energy.hpp"

namespace plenum::analysis {
namespace {

using datacenter::RequestRecord;

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

template <class Value>
Distribution over(const std::vector<RequestRecord>& requests, const Value& value) {
  std::vector<double> values;
  for (const auto& request : requests)
    if (!request.refused())
      if (const double v = value(request); v >= 0) values.push_back(v);
  return distribution(std::move(values));
}

double first_token(const RequestRecord& r) { return (r.first_token - r.arrival).value(); }
/// Requests of one token have none.
double per_output_token(const RequestRecord& r) {
  return r.output > 1 ? (r.done - r.first_token).value() / (r.output - 1) : -1;
}
double end_to_end(const RequestRecord& r) { return (r.done - r.arrival).value(); }

Distribution of_intervals(const datacenter::TokenIntervals& intervals) {
  if (intervals.total() <= 0) return {};
  const auto at = [&](double share) { return intervals.percentile(share).value(); };
  return {static_cast<std::size_t>(intervals.total()),
          intervals.mean().value(),
          at(0.5),
          at(0.9),
          at(0.95),
          at(0.99),
          at(1)};
}

/// Models that pool give no tokens.
void add_rates(ServingMetrics& m, const scenario::BoundServing& job, const datacenter::ServingResult& result) {
  double prompts = 0, outputs = 0;
  for (const auto& request : result.requests) {
    if (request.refused()) continue;
    prompts += request.prompt;
    outputs += job.pools ? 0 : request.output;
  }
  const double duration = std::max(result.end.value(), 1e-9);
  m.requests_per_second = static_cast<double>(m.requests - m.refused) / duration;
  m.prompt_tokens_per_second = prompts / duration;
  m.output_tokens_per_second = outputs / duration;
  m.output_tokens_per_second_per_gpu = m.output_tokens_per_second / static_cast<double>(m.gpus);
  if (m.time_per_output_token.mean > 0) m.output_tokens_per_second_per_user = 1 / m.time_per_output_token.mean;
}

bool is_good(const scenario::ServiceLevel& level, const RequestRecord& r) {
  const double first = level.time_to_first_token.value(), each = level.time_per_output_token.value();
  return !r.refused() && (first <= 0 || first_token(r) <= first) && (each <= 0 || per_output_token(r) <= each);
}

void add_goodput(ServingMetrics& m, const scenario::ServiceLevel& level, const datacenter::ServingResult& result) {
  const auto good = std::ranges::count_if(result.requests, [&](const RequestRecord& r) { return is_good(level, r); });
  m.good = m.requests > 0 ? static_cast<double>(good) / static_cast<double>(m.requests) : 0;
  m.goodput_per_second = static_cast<double>(good) / std::max(result.end.value(), 1e-9);
}

/// Open loop. A rate is sustained when requests of the last third of the run wait for their first token about as long
/// as those of the middle third: in a queue that grows without bound they wait 5/3 times as long, in a steady one
/// equally long but for chance. A queue shorter than a second is none.
bool is_sustained(const datacenter::ServingResult& result) {
  const std::size_t third = result.requests.size() / 3;
  if (third < 20) return true;
  const auto mean = [&](std::size_t from) {
    double sum = 0;
    for (std::size_t i = from; i < from + third; ++i) sum += std::max(0.0, first_token(result.requests[i]));
    return sum / static_cast<double>(third);
  };
  const double middle = mean(third), last = mean(2 * third);
  return last < 1 || last < 1.4 * middle;
}

void add_classes(ServingMetrics& m, const scenario::BoundServing& job, const datacenter::ServingResult& result) {
  const auto& classes = job.options.classes;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    std::vector<RequestRecord> mine;
    std::ranges::copy_if(result.requests, std::back_inserter(mine),
                         [&](const RequestRecord& r) { return r.service_class == index; });
    const scenario::ServiceLevel level{classes[index].time_to_first_token, classes[index].time_per_output_token};
    const auto good = std::ranges::count_if(mine, [&](const RequestRecord& r) { return is_good(level, r); });
    m.classes.push_back({classes[index].name, mine.size(),
                         static_cast<std::size_t>(std::ranges::count_if(mine, &RequestRecord::turned_away)),
                         over(mine, first_token), over(mine, per_output_token),
                         mine.empty() ? 0 : static_cast<double>(good) / static_cast<double>(mine.size())});
  }
}

void add_load(ServingMetrics& m, const scenario::BoundServing& job, const datacenter::ServingResult& result) {
  if (job.requests.concurrency == 0 && !result.requests.empty()) {
    const double span = result.requests.back().arrival.value();
    m.offered_per_second = span > 0 ? static_cast<double>(result.requests.size()) / span : 0;
    m.sustained = is_sustained(result);
  }
  const auto& pool = result.pool;
  m.utilization = pool.busy_seconds / std::max(result.end.value() * static_cast<double>(pool.replicas), 1e-9);
  m.mean_batch = pool.busy_seconds > 0 ? pool.sequence_seconds / pool.busy_seconds : 0;
  m.peak_kv_use =
      static_cast<double>(pool.peak_kv_tokens) / static_cast<double>(std::max<std::int64_t>(1, pool.kv_tokens));
  m.preemptions = pool.preemptions + result.prefill.preemptions;
  const auto& readers = job.prefill ? result.prefill : pool;
  m.prefix_hits = readers.hits;
  m.prefix_tier_tokens = readers.tier_tokens;
}

/// The part of the GPUs' time that prompts take; where nobody works, as where somebody does.
double reading_share(const datacenter::ServingResult& result) {
  const auto gpus_of = [](const datacenter::PoolCounters& pool) {
    return pool.replicas > 0 ? static_cast<double>(pool.gpus) / static_cast<double>(pool.replicas) : 0;
  };
  const double busy = result.pool.busy_seconds * gpus_of(result.pool),
               reading = result.pool.reading_seconds * gpus_of(result.pool),
               prefill = result.prefill.busy_seconds * gpus_of(result.prefill);
  return busy + prefill > 0 ? (reading + prefill) / (busy + prefill) : 0;
}

/// GPUs cost and draw power whether they serve or wait, as long as they are held.
void add_money(ServingMetrics& m, const scenario::Bound& bound, const scenario::BoundServing& job,
               const datacenter::ServingResult& result) {
  const auto node = bound.specification.node.gpus;
  m.power = facility_power(bound, 0, m.gpus) *
            (job.held_gpus < node ? static_cast<double>(job.held_gpus) / static_cast<double>(node) : 1.0);
  const Seconds held = m.gpus > 0 ? Seconds(result.gpu_seconds / static_cast<double>(m.gpus)) : Seconds(0);
  m.mean_gpus = result.end.value() > 0 ? result.gpu_seconds / result.end.value() : 0;
  const double outputs = m.output_tokens_per_second * result.end.value();
  const double all = outputs + m.prompt_tokens_per_second * result.end.value();
  const auto paid = [&](double tokens) {
    return costs(bound.economy,
                 {.step = held, .gpus = m.gpus, .tokens = tokens, .run_tokens = 0, .energy = m.power * held});
  };
  if (all <= 0) return;
  const auto by_all = paid(all);
  if (outputs <= 0) {
    for (const auto& cost : by_all) {
      const Dollars each = cost.per_trillion_tokens / 1e6;
      m.costs.push_back({cost.basis, each, {}, each, {}});
    }
    return;
  }
  m.energy_per_output_token = m.power * held / outputs;
  const auto by_output = paid(outputs);
  const double reading = reading_share(result), per_prompt = all > outputs ? outputs / (all - outputs) : 0;
  for (std::size_t i = 0; i < by_all.size(); ++i) {
    const Dollars each = by_all[i].per_trillion_tokens / 1e6, output = by_output[i].per_trillion_tokens / 1e6;
    m.costs.push_back({by_all[i].basis, each, output, output * (reading * per_prompt), output * (1 - reading)});
  }
}

/// With a stream interval of n the user sees the first token when n are there; tokens come evenly enough for that.
datacenter::ServingResult as_seen(datacenter::ServingResult result, std::int64_t interval) {
  if (interval <= 1) return result;
  for (RequestRecord& r : result.requests) {
    if (r.refused() || r.output <= 1) continue;
    const auto hidden = static_cast<double>(std::min<std::int64_t>(interval, r.output) - 1);
    r.first_token += (r.done - r.first_token) * (hidden / (r.output - 1));
  }
  return result;
}

}  // namespace

Distribution distribution(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  const auto at = [&](double share) { return percentile(values, share); };
  return {values.size(), sum / static_cast<double>(values.size()), at(0.5), at(0.9), at(0.95), at(0.99), values.back()};
}

ServingMetrics measure(const scenario::Bound& bound, const scenario::BoundServing& job,
                       const datacenter::ServingResult& simulated) {
  const auto result = as_seen(simulated, job.engine.stream_interval);
  ServingMetrics m;
  m.job = result.job;
  m.gpus = job.gpus();
  m.footing = result.footing;
  m.requests = result.requests.size();
  m.refused = static_cast<std::size_t>(std::ranges::count_if(result.requests, &RequestRecord::refused));
  m.turned_away = static_cast<std::size_t>(std::ranges::count_if(result.requests, &RequestRecord::turned_away));
  m.time_to_first_token = over(result.requests, first_token);
  m.time_per_output_token = over(result.requests, per_output_token);
  m.end_to_end = over(result.requests, end_to_end);
  m.inter_token = of_intervals(result.intervals);
  add_rates(m, job, result);
  add_goodput(m, job.service_level, result);
  add_classes(m, job, result);
  add_load(m, job, result);
  add_money(m, bound, job, result);
  return m;
}

}  // namespace plenum::analysis
