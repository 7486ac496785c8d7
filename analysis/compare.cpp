#include "analysis/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace plenum::analysis {
namespace {

/// A quantity that jobs of a kind alone have.
constexpr std::string_view step_time = "step_time_seconds", first_token = "time_to_first_token_seconds";

std::optional<double> number(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&value->data)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value->data)) return *real;
  if (const auto* flag = std::get_if<bool>(&value->data)) return *flag ? 1 : 0;
  return std::nullopt;
}

struct Job {
  std::string name;
  const json::Value* value;
  bool serves;  ///< requests: a serving job or an application
};

std::vector<Job> jobs_of(const json::Value& result, Issues& issues) {
  std::vector<Job> jobs;
  const auto* list = json::at(result, "/jobs");
  if (list != nullptr && list->is_array())
    for (const auto& job : std::get<json::Array>(list->data)) {
      const auto* name = job.find("name");
      const bool serves = job.find(first_token) != nullptr;
      if (name != nullptr && name->is_string() && (serves || number(job.find(step_time))))
        jobs.push_back({std::get<std::string>(name->data), &job, serves});
    }
  if (jobs.empty())
    issues.error(result.where, "/jobs",
                 "not a result of plenum run --json: no job with a step time or a time to first token");
  return jobs;
}

/// What is the same zero in both is no news.
void add(std::vector<Change>& changes, Change change, const json::Value* before, const json::Value* after) {
  const auto a = number(before), b = number(after);
  if (!a || !b || (*a == 0 && *b == 0)) return;
  change.before = *a;
  change.after = *b;
  changes.push_back(std::move(change));
}

constexpr std::array rates{
    "step_time_seconds",      "tokens_per_second", "model_flops_per_second_per_gpu", "mfu", "hfu", "power_watts",
    "energy_per_step_joules", "memory/fits"};

constexpr std::array serving_quantities{"time_to_first_token_seconds/mean",
                                        "time_to_first_token_seconds/p99",
                                        "time_per_output_token_seconds/mean",
                                        "time_per_output_token_seconds/p99",
                                        "inter_token_latency_seconds/mean",
                                        "inter_token_latency_seconds/p99",
                                        "end_to_end_seconds/mean",
                                        "end_to_end_seconds/p99",
                                        "requests_per_second",
                                        "goodput_requests_per_second",
                                        "output_tokens_per_second",
                                        "output_tokens_per_second_per_gpu",
                                        "power_watts",
                                        "energy_per_output_token_joules",
                                        "refused",
                                        "sustained"};

void compare_parts(std::vector<Change>& changes, const Job& before, const Job& after) {
  const auto* parts = before.value->find("breakdown_seconds");
  if (parts == nullptr || !parts->is_object()) return;
  for (const auto& part : std::get<json::Object>(parts->data)) {
    const auto pointer = json::pointer_join("/breakdown_seconds", part.key);
    add(changes, {before.name, pointer.substr(1), false}, &part.value, json::at(*after.value, pointer));
  }
}

/// Costs by basis and peak memory by stage, as far as both have them.
void compare_lists(std::vector<Change>& changes, const Job& before, const Job& after) {
  for (std::size_t i = 0;; ++i) {
    const auto stage = fmt::format("memory/stages_bytes/{}/total", i),
               cost = fmt::format("costs/{}/per_step_dollars", i);
    const auto *bytes = json::at(*before.value, "/" + stage), *dollars = json::at(*before.value, "/" + cost);
    if (bytes == nullptr && dollars == nullptr) return;
    add(changes, {before.name, stage, true}, bytes, json::at(*after.value, "/" + stage));
    add(changes, {before.name, cost, true}, dollars, json::at(*after.value, "/" + cost));
  }
}

void compare_quantities(std::vector<Change>& changes, const Job& before, const Job& after,
                        std::span<const char* const> quantities) {
  for (const std::string quantity : quantities)
    add(changes, {before.name, quantity, true}, json::at(*before.value, "/" + quantity),
        json::at(*after.value, "/" + quantity));
}

/// Costs by basis: of tokens, or of an application's requests.
void compare_prices(std::vector<Change>& changes, const Job& before, const Job& after) {
  for (std::size_t i = 0; json::at(*before.value, fmt::format("/costs/{}", i)) != nullptr; ++i)
    for (const char* price : {"input_per_million_tokens_dollars", "output_per_million_tokens_dollars",
                              "per_million_tokens_dollars", "per_request_dollars"}) {
      const auto cost = fmt::format("costs/{}/{}", i, price);
      add(changes, {before.name, cost, true}, json::at(*before.value, "/" + cost), json::at(*after.value, "/" + cost));
    }
}

void compare_jobs(std::vector<Change>& changes, const Job& before, const Job& after) {
  if (before.serves) {
    compare_quantities(changes, before, after, serving_quantities);
    return compare_prices(changes, before, after);
  }
  compare_quantities(changes, before, after, rates);
  compare_lists(changes, before, after);
  compare_parts(changes, before, after);
}

const Job* find(const std::vector<Job>& jobs, const std::string& name) {
  const auto found = std::ranges::find(jobs, name, &Job::name);
  return found == jobs.end() ? nullptr : &*found;
}

void complain_of_missing(const std::vector<Job>& jobs, const std::vector<Job>& others, const json::Value& result,
                         const std::string& other_file, Issues& issues) {
  for (const auto& job : jobs)
    if (find(others, job.name) == nullptr)
      issues.error(job.value->where, "/jobs",
                   fmt::format("{} has no job \"{}\" as {} has", other_file, job.name, result.where.file));
}

}  // namespace

double Change::relative() const {
  if (before == after) return 0;
  return before == 0 ? std::numeric_limits<double>::infinity() : after / before - 1;
}

std::vector<Change> compare(const json::Value& before, const json::Value& after, Issues& issues) {
  std::vector<Change> changes;
  const auto first = jobs_of(before, issues), second = jobs_of(after, issues);
  if (issues.has_errors()) return changes;
  complain_of_missing(first, second, before, after.where.file, issues);
  complain_of_missing(second, first, after, before.where.file, issues);
  for (const auto& job : first) {
    const auto* other = find(second, job.name);
    if (other != nullptr && other->serves != job.serves)
      issues.error(other->value->where, "/jobs",
                   fmt::format("\"{}\" trains in one file and serves in the other", job.name));
    else if (other != nullptr)
      compare_jobs(changes, job, *other);
  }
  return changes;
}

std::string to_text(const std::vector<Change>& changes) {
  std::string text, job;
  for (const auto& change : changes) {
    if (change.job != job || text.empty())
      text += fmt::format("{:<44} {:>12} {:>12} {:>9}\n", "job " + change.job, "before", "after", "change");
    job = change.job;
    text += fmt::format("  {:<42} {:>12.6g} {:>12.6g} {:>+8.2f}%\n", change.quantity, change.before, change.after,
                        100 * change.relative());
  }
  return text;
}

const Change* largest_change(const std::vector<Change>& changes) {
  const Change* largest = nullptr;
  for (const auto& change : changes)
    if (change.judged && (!largest || std::abs(change.relative()) > std::abs(largest->relative()))) largest = &change;
  return largest;
}

}  // namespace plenum::analysis
