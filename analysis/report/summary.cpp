// The twenty lines that a planner reads first.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/report/application_report.hpp"
#include "analysis/report/generation_report.hpp"
#include "analysis/report/reinforcement_report.hpp"
#include "analysis/report/report.hpp"
#include "analysis/report/serving_report.hpp"
#include "analysis/report/trace_report.hpp"
#include "analysis/whole_run.hpp"
#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

constexpr int bar_width = 28;

struct Paint {
  bool colour;
  std::string bold(const std::string& text) const { return colour ? "\033[1m" + text + "\033[0m" : text; }
  std::string alarm(const std::string& text) const { return colour ? "\033[31m" + text + "\033[0m" : text; }
  std::string bar(double share) const {
    const auto filled = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * bar_width));
    std::string cells;
    for (int i = 0; i < filled; ++i) cells += colour ? "\u2588" : "#";
    return colour ? "\033[36m" + cells + "\033[0m" : cells;
  }
};

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string count(double value) {
  if (value >= 1e12) return fmt::format("{:.3g} T", value / 1e12);
  if (value >= 1e9) return fmt::format("{:.3g} B", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.3g} M", value / 1e6);
  return with_thousands(std::llround(value));
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string job_lines(const scenario::Bound& bound, const scenario::BoundTraining& job) {
  const auto& plan = job.plan;
  const auto gpus = plan.ranks(), per_node = bound.specification.node.gpus;
  const auto recompute = workload::names_of(plan.recompute)[static_cast<std::size_t>(plan.recompute)];
  const auto nodes = (gpus + per_node - 1) / per_node;
  auto text = line("model", fmt::format("{}: {} parameters on {} x {} in {} node{}", job.model.name,
                                        count(static_cast<double>(job.model.parameters())), with_thousands(gpus),
                                        scenario::names_of(bound.devices_of(job.first_gpu, gpus)),
                                        with_thousands(nodes), nodes == 1 ? "" : "s"));
  text += line("plan", fmt::format("tensor {}, context {}, pipeline {} x {} chunks, data {}; {}; recompute {}",
                                   plan.tensor_parallel, plan.context_parallel, plan.pipeline_parallel,
                                   plan.virtual_stages, plan.data_parallel, name_of(plan.precision), recompute));
  return text + line("batch",
                     fmt::format("{} sequences of {} tokens, {} micro-batches of {}", with_thousands(plan.global_batch),
                                 with_thousands(plan.sequence_length), plan.micro_batches(), plan.micro_batch));
}

std::string rate_lines(const TrainingMetrics& m, const Paint& paint) {
  auto text =
      line("step", paint.bold(format(m.step)) + fmt::format("   {} tokens/s, {:.4g} per GPU",
                                                            count(m.tokens_per_second), m.tokens_per_second_per_gpu));
  return text +
         line("rate", fmt::format("{} per GPU   MFU {}   HFU {}",
                                  paint.bold(fmt::format("{:.1f} TFLOP/s", m.model_flops_per_gpu.value() / 1e12)),
                                  paint.bold(percent(m.mfu)), percent(m.hfu)));
}

/// "all_gather 61 %, reduce_scatter 39 %" for a part of communication that has several kinds, the name of one. Kinds of
/// less than 2 % are left out.
std::string kinds_text(const TrainingMetrics& m, std::size_t part) {
  const auto place = part - datacenter::first_communication;  // beyond the end for other parts
  if (place >= m.exposed.size()) return {};
  std::string text;
  for (std::size_t kind = 0; kind < collective_names.size(); ++kind) {
    const double share = m.exposed[place][kind] / m.parts[part];
    if (share < 0.02) continue;
    text += (text.empty() ? "" : ", ") + std::string(collective_names[kind]);
    if (share < 0.98) text += fmt::format(" {:.0f} %", 100 * share);
  }
  return "  " + text;
}

/// Parts of at least half a percent, largest first.
std::string breakdown_lines(const TrainingMetrics& m, const Paint& paint) {
  std::vector<std::size_t> order;
  for (std::size_t part = 0; part < m.parts.size(); ++part)
    if (m.parts[part] / m.step >= 0.005) order.push_back(part);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return m.parts[a] > m.parts[b]; });
  std::string text;
  for (const auto part : order) {
    const double share = m.parts[part] / m.step;
    text += fmt::format("  {:<23} {:>7} {:>10}  {}{}\n", datacenter::part_names[part], percent(share),
                        format(m.parts[part]), paint.bar(share), kinds_text(m, part));
  }
  return text;
}

double gibibytes(Bytes bytes) { return static_cast<double>(bytes.value()) / (1 << 30); }

/// A rank's part of the host's memory, when it has one.
std::string host_line(const workload::StageMemory& stage, const workload::MemoryCapacity& capacity) {
  if (stage.host == Bytes(0)) return {};
  const auto of = capacity.host > Bytes(0) ? " of " + format(capacity.host) : std::string();
  return line("", fmt::format("and {}{} of its host", format(stage.host), of));
}

std::string memory_lines(const TrainingMetrics& m, const Paint& paint) {
  if (m.memory.empty()) return {};
  const auto worst = std::max_element(m.memory.begin(), m.memory.end(),
                                      [](const auto& a, const auto& b) { return a.total() < b.total(); });
  const auto stage = worst - m.memory.begin();
  const auto need = fmt::format("stage {} needs {} of {}", stage, format(worst->total()), format(m.capacity.device));
  if (m.ways_to_fit.empty())
    return line("memory", need + ": fits") + host_line(*worst, m.capacity) +
           line("", fmt::format("GiB: weights {:.3g}, gradients {:.3g}, optimizer {:.3g}, activations {:.3g}",
                                gibibytes(worst->parameters), gibibytes(worst->gradients), gibibytes(worst->optimizer),
                                gibibytes(worst->activations))) +
           line("", fmt::format("beside these tensors: fragmentation {:.3g}, buffers {:.3g}",
                                gibibytes(worst->fragmentation), gibibytes(worst->buffers)));
  std::string ways;
  for (const auto& way : m.ways_to_fit) ways += (ways.empty() ? "" : "; or ") + way;
  return line("memory", paint.alarm(need + ": OUT OF MEMORY")) + host_line(*worst, m.capacity) +
         line("", "to fit: " + ways);
}

std::string cost_lines(const TrainingMetrics& m) {
  std::string text;
  for (const auto& cost : m.costs) {
    text += line(text.empty() ? "cost" : "", cost.basis);
    text += line("", fmt::format("{} per step, {} per trillion tokens", format(cost.per_step),
                                 format(cost.per_trillion_tokens)) +
                         (cost.whole_run.value() > 0 ? fmt::format(", {} the whole run", format(cost.whole_run)) : ""));
  }
  return text + line("energy", fmt::format("{} with cooling, {} per step", format(m.power), format(m.energy_per_step)));
}

std::string reversed(const std::string& tier) {
  const auto arrow = tier.find(" -> ");
  return arrow == std::string::npos ? tier : tier.substr(arrow + 4) + " -> " + tier.substr(0, arrow);
}

/// The busiest of every tier; one direction stands for both.
std::string link_lines(const datacenter::Result& result) {
  std::string text;
  std::set<std::string> told;
  for (const auto& load : result.busiest) {
    if (load.utilization < 0.0005 || told.contains(reversed(load.tier))) continue;
    if (!told.insert(load.tier).second) continue;
    text += line(told.size() == 1 ? "links" : "", fmt::format("{:>7} {} ({} like it)", percent(load.utilization),
                                                              load.name, with_thousands(load.members)));
  }
  return text;
}

std::string fold_line(const datacenter::Result& result) {
  const auto ratio =
      static_cast<double>(result.nodes_unfolded) / static_cast<double>(std::max<std::int64_t>(result.nodes_folded, 1));
  return line("folded", fmt::format("{} ranks to {}; {} nodes to {} (x {:.4g}); {} events",
                                    with_thousands(result.ranks_unfolded), with_thousands(result.ranks_folded),
                                    with_thousands(result.nodes_unfolded), with_thousands(result.nodes_folded), ratio,
                                    with_thousands(static_cast<std::int64_t>(result.events))));
}

}  // namespace

std::string summary(const scenario::Bound& bound, const datacenter::Result& result,
                    const std::vector<TrainingMetrics>& metrics, const std::vector<ServingMetrics>& serving,
                    bool colour) {
  const Paint paint{colour};
  const bool several = metrics.size() + serving.size() + result.applications.size() + result.generation.size() +
                           result.reinforcement.size() + result.traces.size() >
                       1;
  std::string text = paint.bold(bound.name) + "  (" + bound.digest + ")\n";
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& m = metrics[i];
    if (several) text += paint.bold("job " + m.job) + "\n";
    text += job_lines(bound, bound.training[i]) + rate_lines(m, paint) + breakdown_lines(m, paint);
    text += memory_lines(m, paint) + cost_lines(m);
    const std::string error = text_of(m.kernel_error);
    text += line("footing", std::string(calibration::name_of(m.footing)) + (error.empty() ? "" : "; " + error));
    if (const auto run = whole_run(bound, bound.training[i], m.step)) text += to_text(*run);
  }
  for (std::size_t i = 0; i < result.applications.size(); ++i) {
    if (several) text += paint.bold("job " + result.applications[i].job) + "\n";
    const auto& job = bound.applications[i];
    text += application_summary(job, measure(job, result.applications[i], serving));
  }
  for (std::size_t i = 0; i < serving.size(); ++i) {
    if (several) text += paint.bold("job " + serving[i].job) + "\n";
    text += serving_summary(bound, bound.serving[i], serving[i]);
  }
  for (std::size_t i = 0; i < result.generation.size(); ++i) {
    if (several) text += paint.bold("job " + result.generation[i].job) + "\n";
    text += generation_summary(bound, bound.generation[i], measure(bound, bound.generation[i], result.generation[i]));
  }
  for (std::size_t i = 0; i < result.reinforcement.size(); ++i) {
    if (several) text += paint.bold("job " + result.reinforcement[i].job) + "\n";
    const auto& job = bound.reinforcement[i];
    text += reinforcement_summary(bound, job, measure(bound, job, result.reinforcement[i]));
  }
  for (const auto& trace : result.traces) {
    if (several) text += paint.bold("job " + trace.job) + "\n";
    text += trace_summary(bound, trace);
  }
  const bool folded = !metrics.empty() || !result.reinforcement.empty() || !result.traces.empty();
  return folded ? text + link_lines(result) + fold_line(result) : text;
}

}  // namespace plenum::analysis
