#include "sim/datacenter/training/training_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "sim/datacenter/training/stage_prices.hpp"
#include "topologies/node.hpp"
#include "workloads/training/forward_only.hpp"
#include "workloads/training/share.hpp"

namespace plenum::datacenter {
namespace {

using workload::GroupDimension;

/// Interleaved 1F1B and zero bubble send beside the computation, where the plan wants it.
bool overlaps_messages(const workload::TrainingPlan& plan) {
  return plan.overlap_pipeline && (plan.virtual_stages > 1 || splits_backward(plan.schedule));
}

/// PyTorch's stream of collectives waits for an event of the compute stream, which then waits for one of it: calls one
/// after the other take so much longer than NCCL's own tests (B200, PyTorch 26.01: all_reduce 22.2 us, all_gather 23.1,
/// reduce_scatter 25.6; MooreThreads/SimuMax, configs/system/b200_bf16_ceperm.json @e691807).
constexpr CollectiveLibrary nccl_from_pytorch{.call = Seconds(23.6e-6)};

/// Transformer Engine's buffers in each other's memory: kernels of 1 to 24 multiprocessors that no framework calls
/// (mean of NeMo's recipe userbuffers_bf16_h100_h12288_tp4_mbs1_seqlen2048).
constexpr CollectiveLibrary userbuffers{.multiprocessors = 8};

/// A group that none of the job's ranks is in has no entry.
std::uint32_t group_at(const std::vector<std::uint32_t>& groups, std::int64_t rank) {
  return groups.empty() ? no_group : groups[static_cast<std::size_t>(rank)];
}

workload::TrainingStep step_of(const scenario::BoundTraining& job) {
  auto step = training_step(job.model, job.plan);
  return job.forward_only ? workload::forward_only(std::move(step)) : step;
}

/// Copies to hosts wait for the slowest, as collectives do.
topology::NodeSpecification slowest_node(const scenario::Bound& bound, const scenario::BoundTraining& job) {
  auto slowest = bound.specification.node;
  const std::int64_t first = bound.cluster.node_of(static_cast<std::uint32_t>(job.first_gpu));
  const std::int64_t last = bound.cluster.node_of(static_cast<std::uint32_t>(job.first_gpu + job.plan.ranks() - 1));
  slowest.pcie = node_at(bound.specification, first).pcie;
  for (std::int64_t node = first + 1; node <= last; ++node)
    slowest.pcie = std::min(slowest.pcie, node_at(bound.specification, node).pcie);
  return slowest;
}

std::span<const Member> members_of(const Traffic& traffic, std::uint32_t group) {
  const Traffic::Group& g = traffic.groups[group];
  return {&traffic.members[g.first_member], g.members};
}

}  // namespace

TrainingJob::TrainingJob(const scenario::Bound& bound, const scenario::BoundTraining& job, TrainingLayout layout,
                         const Traffic& traffic, engine::Engine& engine, FoldedFabric& fabric, const Options& options)
    : bound_(bound), job_(job), layout_(std::move(layout)), engine_(engine), fabric_(fabric), traffic_(traffic) {
  const auto devices = bound.devices_of(job.first_gpu, job.plan.ranks());
  for (const auto* device : devices)
    stages_.emplace(device, price_stages(step_of(job), job.plan, *device, host_share(slowest_node(bound, job)),
                                         {.jitter = job.jitter, .probability = options.probability}));
  std::vector<std::uint32_t> ids;
  for (std::uint32_t rank = 0; rank < layout_.ranks; ++rank)
    ids.push_back(fabric.rank_class(layout_.first_rank + rank));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());

  all_reduced_ = std::make_unique<Latch>(ids.size());
  context_ = std::make_unique<JobContext>(JobContext{.engine = engine,
                                                     .fabric = fabric,
                                                     .data = data_parallel_policy(job.plan),
                                                     .micro_batches = job.plan.micro_batches(),
                                                     .blocking_sends = !overlaps_messages(job.plan),
                                                     .timeline = options.timeline,
                                                     .all_reduced = *all_reduced_});
  for (const std::uint32_t id : ids) add_class(id);
  for (Class& c : classes_) connect(c);
}

const calibration::Device& TrainingJob::device_of(std::int64_t rank) const {
  return bound_.device_at(job_.first_gpu + rank);
}

void TrainingJob::add_class(std::uint32_t id) {
  const std::int64_t rank = fabric_.rank_representative(id) - layout_.first_rank;
  const std::int64_t stage = coordinates_of(job_.plan, rank).pipeline;
  const double speed = bound_.gpu_speed.empty() ? 1 : bound_.gpu_speed[static_cast<std::size_t>(job_.first_gpu + rank)];
  class_place_[id] = classes_.size();
  classes_.push_back({id, rank, stage,
                      std::make_unique<RankProcess>(
                          *context_, stages_.at(&device_of(rank))[static_cast<std::size_t>(stage)], id, speed)});
}

void TrainingJob::connect(Class& c) {
  RankProcess::Surroundings around;
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    around.groups[d] = rendezvous(group_at(layout_.groups[d], c.representative), static_cast<GroupDimension>(d));
  }
  around.next = neighbour(c, 1, layout_.send_forward);
  around.previous = neighbour(c, -1, layout_.send_backward);
  c.process->connect(around);
}

RankProcess::Neighbour TrainingJob::neighbour(const Class& c, std::int64_t offset,
                                              const std::vector<std::uint32_t>& messages) {
  const std::uint32_t group = group_at(messages, c.representative);
  if (group == no_group) return {};
  const std::int64_t rank = neighbour_stage(job_.plan, c.representative, offset);
  const std::uint32_t id = fabric_.rank_class(layout_.first_rank + static_cast<std::uint32_t>(rank));
  const std::uint32_t send = fabric_.group_class(group);
  GroupTiming timing(bound_, gpus_of(group), CollectiveKind::send_receive, fabric_.efficiency(),
                     fabric_.path_latency(send), {});
  return {
      .send = send,
      .message = timing.of(CollectiveKind::send_receive, static_cast<double>(any_stages().front().boundary.value())),
      .process = classes_[class_place_.at(id)].process.get()};
}

Rendezvous* TrainingJob::rendezvous(std::uint32_t group, GroupDimension dimension) {
  if (group == no_group) return nullptr;
  const std::uint32_t group_class = fabric_.group_class(group);
  const auto found = rendezvous_.find(group_class);
  if (found != rendezvous_.end()) return &found->second;
  return &rendezvous_
              .emplace(std::piecewise_construct, std::forward_as_tuple(group_class),
                       std::forward_as_tuple(engine_, fabric_, group_class, member_classes(group),
                                             timing_of(group, dimension)))
              .first->second;
}

Process TrainingJob::run() {
  begin();
  for (Class& c : classes_) co_await c.process->ended();
}

Advance TrainingJob::advance() const {
  Advance sum;
  for (const Class& c : classes_)
    sum = {sum.done + c.process->passes_done(),
           sum.of + any_stages()[static_cast<std::size_t>(c.stage)].schedule.size()};
  return sum;
}

TrainingResult TrainingJob::result() {
  TrainingResult result{.job = job_.name, .step = {}, .ranks = {}, .footing = calibration::Footing::measured};
  for (const auto& [device, stages] : stages_) result.footing = calibration::weaker(result.footing, footing_of(stages));
  for (Class& c : classes_) {
    if (!c.process->done()) {
      throw SimulationFailed(fmt::format("job \"{}\": rank {} (pipeline stage {}) waits for {} and would wait for ever",
                                         job_.name, c.representative, c.stage, c.process->waiting_for()));
    }
    result.step = std::max(result.step, c.process->ledger().cursor() - started_);
  }
  for (Class& c : classes_) {
    c.process->ledger().charge(Part::bubble, started_ + result.step);
    result.ranks.push_back({.representative = c.representative,
                            .members = fabric_.rank_class_size(c.id),
                            .stage = c.stage,
                            .parts = c.process->ledger().parts(),
                            .exposed = c.process->ledger().exposed(),
                            .timeline = std::move(c.process->timeline())});
  }
  return result;
}

std::vector<std::uint32_t> TrainingJob::member_classes(std::uint32_t group) const {
  std::vector<std::uint32_t> classes;
  for (const Member& member : members_of(traffic_, group)) classes.push_back(fabric_.rank_class(member.rank));
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

std::vector<std::uint32_t> TrainingJob::gpus_of(std::uint32_t group) const {
  std::vector<std::uint32_t> gpus;
  for (const Member& member : members_of(traffic_, group))
    gpus.push_back(static_cast<std::uint32_t>(job_.first_gpu) + member.rank - layout_.first_rank);
  return gpus;
}

GroupTiming TrainingJob::timing_of(std::uint32_t group, GroupDimension dimension) const {
  const auto gpus = gpus_of(group);
  const bool within =
      std::ranges::all_of(gpus, [&](auto gpu) { return domain_of(bound_, gpu) == domain_of(bound_, gpus.front()); });
  const bool pipelined = dimension == GroupDimension::tensor && pipelines_tensor(job_.plan) && within;
  return {bound_,
          gpus,
          exchanges(job_.plan, dimension) ? CollectiveKind::all_to_all : CollectiveKind::all_gather,
          fabric_.efficiency(),
          fabric_.path_latency(fabric_.group_class(group)),
          pipelined ? userbuffers : nccl_from_pytorch};
}

}  // namespace plenum::datacenter
