#include "analysis/whole_run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "sim/core/units.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/flops.hpp"

namespace plenum::analysis {
namespace {

/// Weights in 16 bits; master copy and two moments of Adam in fp32.
constexpr double bytes_per_parameter = 2 + 4 + 4 + 4;

/// Of LoRA only the adapters are saved.
double saved_parameters(const scenario::BoundTraining& job) {
  if (job.plan.adapter_rank == 0) return static_cast<double>(job.model.parameters());
  std::int64_t adapters = 0;
  for (const auto& [kind, count] : job.model.layer_counts())
    adapters += count * workload::adapter_elements(job.model, job.plan, kind);
  return static_cast<double>(adapters * job.plan.tensor_parallel);
}

class Accountant {
 public:
  Accountant(const scenario::Bound& bound, const scenario::BoundTraining& job, Seconds step)
      : bound_(bound), job_(job), run_(*job.run), step_(step) {
    const double tokens = static_cast<double>(job.plan.global_batch * job.plan.sequence_length);
    result_.steps = std::ceil(static_cast<double>(job.tokens) / tokens);
    result_.training = step * result_.steps;
  }

  WholeRun account() {
    result_.start_up = run_.start_up;
    result_.data = std::max(Seconds(0), run_.load_batch - step_) * result_.steps;
    if (run_.checkpoints) add_checkpoints(*run_.checkpoints);
    if (run_.validation) add_validation(*run_.validation);
    add_failures();
    result_.goodput = result_.training / result_.total;
    return result_;
  }

 private:
  double gpus() const { return static_cast<double>(job_.plan.ranks()); }

  void add_checkpoints(const scenario::Checkpoints& checkpoints) {
    const double bytes = bytes_per_parameter * saved_parameters(job_);
    const double nodes = std::ceil(gpus() / static_cast<double>(bound_.specification.node.gpus));
    double rate = nodes * checkpoints.per_node.value();
    if (checkpoints.storage.value() > 0) rate = std::min(rate, checkpoints.storage.value());
    result_.checkpoint = Bytes(std::llround(bytes));
    result_.write = Seconds(bytes / rate);
    result_.stall = checkpoints.asynchronous ? stall_beside_steps(checkpoints, bytes) : result_.write;
    result_.checkpoints = result_.stall * std::floor(result_.steps / static_cast<double>(checkpoints.every));
  }

  /// Every GPU copies its part to the host; a checkpoint begins when the one before is stored.
  Seconds stall_beside_steps(const scenario::Checkpoints& checkpoints, double bytes) const {
    const Seconds copy(bytes / gpus() / bound_.specification.node.pcie.value());
    const Seconds between = step_ * static_cast<double>(checkpoints.every);
    return copy + std::max(Seconds(0), result_.write - copy - between);
  }

  /// A forward pass is a third of a model's operations.
  void add_validation(const scenario::Validation& validation) {
    const double forward =
        workload::model_flops(job_.model, job_.plan) / workload::hardware_flops(job_.model, job_.plan) / 3;
    const double times = std::floor(result_.steps / static_cast<double>(validation.every));
    result_.validation = step_ * (forward * static_cast<double>(validation.steps) * times);
  }

  /// A failure costs half of the time between checkpoints on average (without checkpoints: half of the run), a restart,
  /// and reading what was written. Failures also happen while their damage is repaired: a geometric sum.
  void add_failures() {
    const Seconds undisturbed =
        result_.training + result_.start_up + result_.checkpoints + result_.validation + result_.data;
    result_.total = undisturbed;
    if (run_.time_between_failures <= Seconds(0)) return;
    const double rate = gpus() / run_.time_between_failures.value();
    const Seconds between = run_.checkpoints ? step_ * static_cast<double>(run_.checkpoints->every) : undisturbed;
    const Seconds cost = between / 2 + run_.start_up + result_.write;
    const double lost = rate * cost.value();
    result_.total = lost < 1 ? undisturbed / (1 - lost) : Seconds(std::numeric_limits<double>::infinity());
    result_.failure_count = rate * result_.total.value();
    result_.failures = result_.total - undisturbed;
  }

  const scenario::Bound& bound_;
  const scenario::BoundTraining& job_;
  const scenario::TrainingRun& run_;
  Seconds step_;
  WholeRun result_;
};

}  // namespace

std::optional<WholeRun> whole_run(const scenario::Bound& bound, const scenario::BoundTraining& job, Seconds step) {
  if (!job.run || job.tokens <= 0) return std::nullopt;
  return Accountant(bound, job, step).account();
}

std::string to_text(const WholeRun& run) {
  if (!std::isfinite(run.total.value())) return "run       never ends: failures come faster than the run gets on\n";
  auto text = fmt::format("run       {} for {} steps, goodput {:.1f} %\n", format(run.total),
                          with_thousands(std::llround(run.steps)), 100 * run.goodput);
  const auto part = [&](std::string_view name, Seconds time) {
    if (time > Seconds(0))
      text += fmt::format("  {:<23} {:>5.2f} % {:>10}\n", name, 100 * (time / run.total), format(time));
  };
  part("steps", run.training);
  part("checkpoints", run.checkpoints);
  part("validation", run.validation);
  part("data loading", run.data);
  part("failures", run.failures);
  part("start-up", run.start_up);
  if (run.checkpoint.value() > 0)
    text += fmt::format("          a checkpoint has {}, is stored in {} and holds steps up for {}\n",
                        format(run.checkpoint), format(run.write), format(run.stall));
  return text;
}

nlohmann::ordered_json to_json(const WholeRun& run) {
  const bool ends = std::isfinite(run.total.value());
  const auto time = [&](Seconds seconds) {
    return ends ? nlohmann::ordered_json(seconds.value()) : nlohmann::ordered_json();
  };
  return {{"steps", run.steps},
          {"total_seconds", time(run.total)},
          {"goodput", run.goodput},
          {"training_seconds", run.training.value()},
          {"checkpoints_seconds", run.checkpoints.value()},
          {"validation_seconds", run.validation.value()},
          {"data_seconds", run.data.value()},
          {"failures_seconds", time(run.failures)},
          {"failure_count", ends ? nlohmann::ordered_json(run.failure_count) : nlohmann::ordered_json()},
          {"start_up_seconds", run.start_up.value()},
          {"checkpoint_bytes", run.checkpoint.value()},
          {"checkpoint_write_seconds", run.write.value()},
          {"checkpoint_stall_seconds", run.stall.value()}};
}

}  // namespace plenum::analysis
