#include "analysis/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace plenum::analysis {
namespace {

constexpr std::string_view step_time = "step_time_seconds";

std::optional<double> number(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&value->data)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value->data)) return *real;
  return std::nullopt;
}

struct Job {
  std::string name;
  const json::Value* value;
};

std::vector<Job> jobs_of(const json::Value& result, Issues& issues) {
  std::vector<Job> jobs;
  const auto* list = json::at(result, "/jobs");
  if (list != nullptr && list->is_array())
    for (const auto& job : std::get<json::Array>(list->data)) {
      const auto* name = job.find("name");
      if (name != nullptr && name->is_string() && number(job.find(step_time)))
        jobs.push_back({std::get<std::string>(name->data), &job});
    }
  if (jobs.empty()) issues.error(result.where, "/jobs", "not a result of plenum run --json: no job with a step time");
  return jobs;
}

void add(std::vector<Change>& changes, const std::string& job, const std::string& quantity, const json::Value* before,
         const json::Value* after) {
  const auto a = number(before), b = number(after);
  if (a && b && (*a != 0 || *b != 0)) changes.push_back({job, quantity, *a, *b});
}

void compare_jobs(std::vector<Change>& changes, const Job& before, const Job& after) {
  for (const auto* quantity : {"step_time_seconds", "tokens_per_second", "model_flops_per_second_per_gpu", "mfu", "hfu",
                               "power_watts", "energy_per_step_joules"})
    add(changes, before.name, quantity, before.value->find(quantity), after.value->find(quantity));
  const auto* parts = before.value->find("breakdown_seconds");
  if (parts == nullptr || !parts->is_object()) return;
  for (const auto& part : std::get<json::Object>(parts->data))
    add(changes, before.name, "breakdown_seconds/" + part.key, &part.value,
        json::at(*after.value, json::pointer_join("/breakdown_seconds", part.key)));
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
  for (const auto& job : first)
    for (const auto& other : second)
      if (job.name == other.name) compare_jobs(changes, job, other);
  if (changes.empty()) issues.error(after.where, "/jobs", "no job has the name of a job in " + before.where.file);
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

double step_time_change(const std::vector<Change>& changes) {
  double largest = 0;
  for (const auto& change : changes)
    if (change.quantity == step_time) largest = std::max(largest, std::abs(change.relative()));
  return largest;
}

}  // namespace plenum::analysis
