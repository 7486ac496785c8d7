#include "sim/datacenter/traces/trace_rank.hpp"

#include <fmt/format.h>

namespace plenum::datacenter {

using workload::TaskKind;

Seconds computation_time(const workload::Task& task, const calibration::Device& device) {
  if (task.duration > Seconds(0)) return task.duration;
  const auto& specification = device.specification;
  const auto peak = specification.peak.find(Precision::bf16);
  const double compute = peak == specification.peak.end() ? 0 : task.operations / peak->second.value();
  const double memory = specification.memory_bandwidth.value() > 0 && task.operations > 0
                            ? task.moved / specification.memory_bandwidth.value()
                            : 0;
  return Seconds(std::max(compute, memory));
}

TraceRank::TraceRank(engine::Engine& engine, const calibration::Device& device, const workload::Program& program,
                     std::vector<Exchange*> exchanges, double speed)
    : engine_(engine),
      device_(device),
      program_(program),
      exchanges_(std::move(exchanges)),
      waits_(program.waits),
      left_(program.tasks.size()) {
  gpu_.speed = speed;
}

void TraceRank::begin() {
  for (std::uint32_t task = 0; task < waits_.size(); ++task)
    if (program_.waits[task] == 0) start(task);
}

void TraceRank::start(std::uint32_t number) {
  const workload::Task& task = program_.tasks[number];
  if (task.kind == TaskKind::nothing) {
    engine_.after(Seconds(0), [this, number] { finish(number); });  // not at once: chains may be longer than the stack
  } else if (task.kind == TaskKind::compute || task.kind == TaskKind::host) {
    Processor& processor = task.kind == TaskKind::compute ? gpu_ : host_;
    processor.ready.insert(number);
    run_next(processor);
  } else {
    waiting_.insert(number);
    exchanges_[program_.slot[number]]->come(program_.turn[number], task, number, *this, task.kind == TaskKind::receive);
  }
}

void TraceRank::run_next(Processor& processor) {
  if (processor.busy || processor.ready.empty()) return;
  charge();
  const std::uint32_t number = *processor.ready.begin();
  processor.ready.erase(processor.ready.begin());
  processor.busy = true;
  engine_.after(computation_time(program_.tasks[number], device_) / processor.speed, [this, &processor, number] {
    charge();
    processor.busy = false;
    finish(number);
    run_next(processor);
  });
}

void TraceRank::began(std::uint32_t) {
  charge();
  ++moving_;
}

void TraceRank::ended(std::uint32_t number) {
  charge();
  --moving_;
  waiting_.erase(number);
  engine_.after(Seconds(0), [this, number] { finish(number); });
}

void TraceRank::finish(std::uint32_t number) {
  --left_;
  end_ = engine_.now();
  for (const auto follower : program_.followers[number])
    if (--waits_[follower] == 0) start(follower);
}

/// Books the time since the last change of what goes on.
void TraceRank::charge() {
  const Seconds span = engine_.now() - charged_;
  charged_ = engine_.now();
  if (moving_ > 0) observed_.communication_in_all += span;
  (gpu_.busy     ? observed_.parts.computation
   : moving_ > 0 ? observed_.parts.communication
   : host_.busy  ? observed_.parts.host
                 : observed_.parts.waiting) += span;
}

TraceRankClass TraceRank::observed(Seconds whole) {
  observed_.parts.waiting += whole - charged_;
  charged_ = whole;
  return observed_;
}

std::string TraceRank::waits_for() const {
  if (waiting_.empty()) return "nothing";
  const workload::Task& task = program_.tasks[*waiting_.begin()];
  const auto kind = task.kind == TaskKind::collective ? "other ranks in collective" : "message";
  return fmt::format("{} \"{}\" (node {} of {})", kind, task.name, task.id, program_.file);
}

}  // namespace plenum::datacenter
