#include "sim/datacenter/training/rank_process.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace plenum::datacenter {
namespace {

using workload::GroupDimension;
using workload::Pass;
using workload::ScheduleItem;

constexpr double nanoseconds = 1e9;  // a GPU computes 1e9 of them per second: amounts of natural size for the engine

constexpr std::array<Part, group_dimensions> part_of_dimension{
    Part::tensor_communication,   Part::context_communication, Part::data_communication,   Part::pipeline_communication,
    Part::pipeline_communication, Part::expert_communication,  Part::expert_communication, Part::data_communication,
    Part::data_communication,     Part::data_communication};
constexpr std::array<Interval::Track, group_dimensions> track_of_dimension{
    Interval::Track::tensor, Interval::Track::context, Interval::Track::data,   Interval::Track::send,
    Interval::Track::send,   Interval::Track::expert,  Interval::Track::expert, Interval::Track::data,
    Interval::Track::data,   Interval::Track::data};

constexpr std::array<const char*, 3> pass_names{"forward", "backward", "weight gradients"};
const char* name_of(Pass pass) { return pass_names[static_cast<std::size_t>(pass)]; }

const Segment& segment_of(const PricedChunk& chunk, Pass pass) {
  return pass == Pass::forward ? chunk.forward : pass == Pass::backward ? chunk.backward : chunk.weights;
}

}  // namespace

RankProcess::RankProcess(JobContext& job, const PricedStage& stage, std::uint32_t rank_class, double speed)
    : job_(job),
      stage_(stage),
      rank_class_(rank_class),
      speed_(speed),
      gpu_(job.engine.add_resource(nanoseconds * speed)),
      inboxes_(2 * stage.chunks.size() * static_cast<std::size_t>(job.micro_batches)) {}

Process RankProcess::run() {
  const auto ahead = job_.data.gathers_ahead > 0 ? job_.data.gathers_ahead : std::numeric_limits<std::int64_t>::max();
  for (std::int64_t i = 0; i < ahead && gather_item_ < stage_.schedule.size(); ++i) gather_next();
  for (const ScheduleItem& item : stage_.schedule) {
    co_await run_item(item);
    ++passes_done_;
  }
  co_await finish_step();
}

Process RankProcess::run_item(ScheduleItem item) {
  const PricedChunk& chunk = stage_.chunks[static_cast<std::size_t>(item.chunk)];
  const Segment& whole = segment_of(chunk, item.pass);
  if (Inbox* input = inbox(item)) co_await receive(*input);
  const std::int64_t pieces = gathers(item) || reduces(item) ? chunk.pieces : 1;
  const Seconds began = now();
  const Segment piece = whole.scaled(1.0 / static_cast<double>(pieces));
  for (std::int64_t i = 0; i < pieces; ++i) {
    if (gathers(item)) {
      co_await wait_for(*gathers_.front());
      gathers_.pop_front();
    }
    co_await run_segment(piece, {name_of(item.pass), item.chunk, item.micro_batch});
    if (reduces(item)) enqueue_reduction(chunk, pieces);
    if (gathers(item)) gather_next();
  }
  co_await finish_offload(chunk, item.pass, began);
  co_await send(item);
}

/// Copies run beside all layers but one; what they take beyond that the rank waits for (Transformer Engine spreads them
/// over its layers and waits where they fall behind, AsyncDoubleBufferGroupOffloadHandler).
Process RankProcess::finish_offload(const PricedChunk& chunk, Pass pass_of_chunk, Seconds began) {
  if (chunk.offload <= Seconds(0) || pass_of_chunk == Pass::weights) co_return;
  const auto layers = static_cast<double>(chunk.layers);
  const Seconds start = now(), beside = (start - began) * ((layers - 1) / layers);
  co_await pass(chunk.offload - beside);
  ledger_.charge(Part::offload, now());
  if (now() > start) record(Interval::Track::compute, start, {"wait for activations"});
}

Process RankProcess::run_segment(const Segment& segment, Label label) {
  const Seconds start = now();
  const Communicated work = communicated(segment);
  if (alone(work)) {
    co_await run_alone(segment, work);
  } else {
    co_await run_among_others(segment, work);
  }
  co_await pass(start + segment.host - now());
  ledger_.charge(Part::host, now());
  record(Interval::Track::compute, start, label);
}

/// What a collective takes longer than the kernel beside it, on idle links, the compute stream waits for.
RankProcess::Communicated RankProcess::communicated(const Segment& segment) const {
  Communicated work;
  for (const Issued& c : segment.issued) {
    Rendezvous* group = around_.groups[c.dimension];
    if (group == nullptr || c.bytes <= 0) continue;
    const auto& collective = group->of(c.kind, c.bytes);
    const double hidden = std::min(c.most_hidden, collective.alone > c.kernel ? c.kernel / collective.alone : 1);
    if (hidden > 0) work.beside[c.dimension].add(c.kind, collective, hidden * c.count);
    if (hidden < 1) work.after[c.dimension].add(c.kind, collective, (1 - hidden) * c.count);
  }
  return work;
}

bool RankProcess::alone(const Communicated& work) const {
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    const bool used = work.after[d].any() || work.beside[d].any();
    if (used && !around_.groups[d]->exclusive()) return false;
  }
  return true;
}

/// Nobody outside this rank's class takes part and nobody shares the channels: collectives take their own time on a
/// timer. Same time as run_among_others, with fewer events, where one group communicates beside the kernels; of several
/// the largest number of multiprocessors is taken until the longest is done.
Process RankProcess::run_alone(const Segment& segment, const Communicated& work) {
  const Seconds start = now();
  const auto beside = times_alone(work.beside), after = times_alone(work.after);
  const Seconds longest = *std::ranges::max_element(beside);
  Signal beside_done;
  Process slowed;
  if (longest > Seconds(0)) {
    job_.engine.after(longest, [&beside_done] { beside_done.raise(); });
    slowed = slow_down_until(beside_done, most_multiprocessors(work.beside));
  }
  co_await compute(segment);
  ledger_.charge(segment.parts, now());
  if (longest > Seconds(0)) co_await beside_done;
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    charge(d, work.beside[d], std::min(start + beside[d], now()));
    record(d, work.beside[d], start, start + beside[d]);
  }
  co_await pass(std::accumulate(after.begin(), after.end(), Seconds(0)));
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    const Seconds began = ledger_.cursor(), ended = std::min(began + after[d], now());
    charge(d, work.after[d], ended);
    record(d, work.after[d], began, ended);
  }
}

std::array<Seconds, group_dimensions> RankProcess::times_alone(const WorkOfGroups& work) {
  std::array<Seconds, group_dimensions> times{};
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    if (!work[d].any()) continue;
    around_.groups[d]->account(work[d]);
    times[d] = around_.groups[d]->alone(work[d]);
  }
  return times;
}

Process RankProcess::pass(Seconds time) {
  if (time <= Seconds(0)) co_return;
  Signal passed;
  job_.engine.after(time, [&passed] { passed.raise(); });
  co_await passed;
}

Process RankProcess::run_among_others(const Segment& segment, const Communicated& work) {
  std::array<Rendezvous::Collective*, group_dimensions> beside{};
  std::array<Process, group_dimensions> slowed;
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    if (!work.beside[d].any()) continue;
    beside[d] = &around_.groups[d]->arrive(rank_class_, work.beside[d]);
    slowed[d] = slow_down_until(beside[d]->done, around_.groups[d]->multiprocessors());
  }
  co_await compute(segment);
  ledger_.charge(segment.parts, now());
  waiting_for_ = "a collective of its tensor, context or expert group";
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    if (beside[d] == nullptr) continue;
    co_await beside[d]->done;
    ledger_.charge(Part::straggler, beside[d]->began);
    charge(d, work.beside[d], now());
    record(d, work.beside[d], beside[d]->began, beside[d]->ended);
  }
  for (std::size_t d = 0; d < group_dimensions; ++d) {
    if (!work.after[d].any()) continue;
    Rendezvous::Collective& collective = around_.groups[d]->arrive(rank_class_, work.after[d]);
    co_await collective.done;
    ledger_.charge(Part::straggler, collective.began);
    const Seconds began = ledger_.cursor();
    charge(d, work.after[d], now());
    record(d, work.after[d], began, now());
  }
}

Process RankProcess::slow_down_until(Signal& done, double multiprocessors) {
  occupy(multiprocessors);
  co_await done;
  occupy(-multiprocessors);
}

/// Communication kernels that run beside the computation come or go.
void RankProcess::occupy(double multiprocessors) {
  occupied_ += multiprocessors;
  job_.engine.set_capacity(gpu_, nanoseconds * speed_ / stage_.beside.slowdown(occupied_));
}

double RankProcess::most_multiprocessors(const WorkOfGroups& work) const {
  double most = 0;
  for (std::size_t d = 0; d < group_dimensions; ++d)
    if (work[d].any()) most = std::max(most, around_.groups[d]->multiprocessors());
  return most;
}

double RankProcess::state_multiprocessors() const {
  for (const auto d : {GroupDimension::shard, GroupDimension::data, GroupDimension::expert_data})
    if (const auto* group = around_.groups[static_cast<std::size_t>(d)]) return group->multiprocessors();
  return 0;
}

Process RankProcess::compute(const Segment& segment) {
  Signal done;
  const engine::Use use{gpu_, 1};
  job_.engine.start({.amount = segment.compute().value() * nanoseconds, .latency = Seconds(0), .uses = {&use, 1}},
                    [&done] { done.raise(); });
  waiting_for_ = "its own computation";
  co_await done;
}

RankProcess::Inbox* RankProcess::inbox(const ScheduleItem& item) {
  const auto chunks = static_cast<std::int64_t>(stage_.chunks.size());
  const PricedChunk& chunk = stage_.chunks[static_cast<std::size_t>(item.chunk)];
  if (item.pass == Pass::weights || !(item.pass == Pass::forward ? chunk.previous : chunk.next)) return nullptr;
  const std::int64_t column = (item.pass == Pass::forward ? 0 : chunks) + item.chunk;
  return &inboxes_[static_cast<std::size_t>(column * job_.micro_batches + item.micro_batch)];
}

std::optional<workload::NeighbourChunk> RankProcess::receiver_of(const ScheduleItem& item) const {
  const PricedChunk& chunk = stage_.chunks[static_cast<std::size_t>(item.chunk)];
  if (item.pass == Pass::weights) return {};
  return item.pass == Pass::forward ? chunk.next : chunk.previous;
}

Process RankProcess::receive(Inbox& input) {
  waiting_for_ = "a message from another pipeline stage";
  co_await input.arrived;
  ledger_.charge(Part::bubble, std::min(input.sent, now()));
  const Seconds start = ledger_.cursor();
  ledger_.charge(Part::pipeline_communication, only(CollectiveKind::send_receive), now());
  record(Interval::Track::receive, start, {"receive"}, input.message);
}

Process RankProcess::send(ScheduleItem item) {
  const auto receiver = receiver_of(item);
  if (!receiver) co_return;
  const Neighbour& to = receiver->offset > 0 ? around_.next : around_.previous;
  RankProcess& process = receiver->offset == 0 ? *this : *to.process;
  Inbox& box = *process.inbox({item.pass, static_cast<std::int32_t>(receiver->chunk), item.micro_batch});
  box.sent = now();
  if (receiver->offset == 0) {
    box.arrived.raise();
    co_return;
  }
  box.message = job_.messages++;
  job_.fabric.start(to.send, to.message.amount, Seconds{}, [this, &to, &box, sent = now(), item] {
    const Seconds flow = now() - sent;
    job_.engine.after(to.message.timing.total(flow) - flow, [this, &box, sent, item] {
      record(Interval::Track::send, sent, {name_of(item.pass), item.chunk, item.micro_batch}, box.message);
      box.arrived.raise();
    });
  });
  if (!job_.blocking_sends) co_return;
  co_await box.arrived;
  ledger_.charge(Part::pipeline_communication, only(CollectiveKind::send_receive), now());
}

/// Others hold the same parameters, of experts or of all else.
bool RankProcess::replicated() const {
  return around_.groups[static_cast<std::size_t>(GroupDimension::data)] != nullptr ||
         around_.groups[static_cast<std::size_t>(GroupDimension::expert_data)] != nullptr;
}

bool RankProcess::gathers(const ScheduleItem& item) const {
  if (!replicated() || !stage_.chunks[static_cast<std::size_t>(item.chunk)].parameters.any()) return false;
  if (item.pass == Pass::weights) return false;
  if (item.pass == Pass::backward) return job_.data.gather_every_backward;
  return job_.data.gather_every_forward || (job_.data.overlap && item.micro_batch == 0);
}

bool RankProcess::reduces(const ScheduleItem& item) const {
  if (!replicated() || !job_.data.overlap) return false;
  const Pass last = stage_.splits_backward ? Pass::weights : Pass::backward;
  return item.pass == last && (job_.data.reduce_every_backward || item.micro_batch == job_.micro_batches - 1);
}

/// Requests the parameters that the schedule needs next and that are not yet requested.
void RankProcess::gather_next() {
  while (gather_item_ < stage_.schedule.size() && !gathers(stage_.schedule[gather_item_])) ++gather_item_;
  if (gather_item_ == stage_.schedule.size()) return;
  const PricedChunk& chunk = stage_.chunks[static_cast<std::size_t>(stage_.schedule[gather_item_].chunk)];
  gathers_.push_back(&enqueue_gather(chunk, chunk.pieces));
  if (++gather_piece_ < chunk.pieces) return;
  gather_piece_ = 0;
  ++gather_item_;
}

RankProcess::Transfer& RankProcess::enqueue_gather(const PricedChunk& chunk, std::int64_t pieces) {
  return enqueue("gather parameters", CollectiveKind::all_gather, chunk.parameters, chunk.host_up, pieces);
}

RankProcess::Transfer& RankProcess::enqueue_reduction(const PricedChunk& chunk, std::int64_t pieces) {
  return enqueue("reduce gradients", job_.data.reduction, chunk.gradients, chunk.host_down, pieces);
}

RankProcess::Transfer& RankProcess::enqueue(const char* name, CollectiveKind kind, const StateBytes& whole,
                                            Seconds host, std::int64_t pieces) {
  const auto part = static_cast<double>(pieces);
  Transfer& transfer =
      transfers_.emplace_back(name, kind, StateBytes{whole.common / part, whole.experts / part}, host / part);
  if (!draining_) data_ = drain_transfers();
  return transfer;
}

Process RankProcess::drain_transfers() {
  draining_ = true;
  if (job_.data.overlap) occupy(state_multiprocessors());
  while (transfers_begun_ < transfers_.size()) {
    Transfer& transfer = transfers_[transfers_begun_++];
    const bool gathers = transfer.kind == CollectiveKind::all_gather;
    if (gathers) co_await copy(transfer.host);
    transfer.copied = now();
    co_await move_common(transfer);
    co_await move_states(transfer, transfer.kind, GroupDimension::expert_data, transfer.bytes.experts);
    transfer.moved = now();
    if (!gathers) co_await copy(transfer.host);
    transfer.ended = now();
    transfer.done.raise();
  }
  if (job_.data.overlap) occupy(-state_multiprocessors());
  draining_ = false;
}

/// Copy engines move it, no multiprocessors.
Process RankProcess::copy(Seconds time) {
  if (time <= Seconds(0)) co_return;
  if (job_.data.overlap) occupy(-state_multiprocessors());
  co_await pass(time);
  if (job_.data.overlap) occupy(state_multiprocessors());
}

/// Hybrid sharding gathers within a copy of the states; gradients are scattered within it, then each part is
/// all-reduced over the copies.
Process RankProcess::move_common(Transfer& transfer) {
  const double bytes = transfer.bytes.common;
  if (job_.data.shards == 0) {
    co_await move_states(transfer, transfer.kind, GroupDimension::data, bytes);
    co_return;
  }
  co_await move_states(transfer, transfer.kind, GroupDimension::shard, bytes);
  if (transfer.kind == CollectiveKind::all_gather) co_return;
  const Seconds began = transfer.began;
  co_await move_states(transfer, CollectiveKind::all_reduce, GroupDimension::copies,
                       bytes / static_cast<double>(job_.data.shards));
  if (began > Seconds(0)) transfer.began = began;
}

Process RankProcess::move_states(Transfer& transfer, CollectiveKind kind, GroupDimension dimension, double bytes) {
  Rendezvous* group = around_.groups[static_cast<std::size_t>(dimension)];
  if (group == nullptr || bytes <= 0) co_return;
  GroupWork work;
  work.add(kind, group->of(kind, bytes), 1);
  Rendezvous::Collective& collective = group->arrive(rank_class_, work);
  co_await collective.done;
  transfer.began = collective.began;
  record(Interval::Track::data, collective.began, {transfer.name});
}

Process RankProcess::wait_for(Transfer& transfer) {
  waiting_for_ = "a collective of its data-parallel group";
  co_await transfer.done;
  while (transfers_charged_ < transfers_begun_) {  // those before it were waited for, too
    const Transfer& before = transfers_[transfers_charged_];
    if (!before.done.raised()) break;
    ++transfers_charged_;
    if (before.host > Seconds(0)) ledger_.charge(Part::offload, before.copied);
    ledger_.charge(Part::straggler, before.began);
    ledger_.charge(Part::data_communication, only(before.kind), before.moved);
    ledger_.charge(Part::offload, before.ended);
  }
  ledger_.charge(Part::data_communication, only(transfer.kind), now());
}

Process RankProcess::finish_step() {
  const bool grouped = replicated();
  if (grouped && !job_.data.overlap) {
    for (const PricedChunk& chunk : stage_.chunks) enqueue_reduction(chunk, 1);
  }
  if (!transfers_.empty()) co_await wait_for(transfers_.back());
  waiting_for_ = "the gradients of the other ranks";
  co_await job_.all_reduced.arrive();
  ledger_.charge(Part::bubble, now());
  co_await run_segment(stage_.optimizer, {"optimizer"});
  const Seconds began = now();
  co_await pass(stage_.host_update);
  ledger_.charge(Part::offload, now());
  if (stage_.host_update > Seconds(0)) record(Interval::Track::compute, began, {"optimizer on the host"});
  if (!grouped || job_.data.overlap) co_return;
  for (const PricedChunk& chunk : stage_.chunks) {
    if (chunk.parameters.any()) enqueue_gather(chunk, 1);
  }
  if (!transfers_.empty()) co_await wait_for(transfers_.back());
}

void RankProcess::charge(std::size_t dimension, const GroupWork& work, Seconds until) {
  if (work.any()) ledger_.charge(part_of_dimension[dimension], work.kinds, until);
}

/// The collectives of a segment, which interleave with its kernels, are drawn together: one slice per kind, as long as
/// its share.
void RankProcess::record(std::size_t dimension, const GroupWork& work, Seconds start, Seconds end) {
  if (!job_.timeline || end <= start) return;
  const Seconds each = (end - start) / std::accumulate(work.kinds.begin(), work.kinds.end(), 0.0);
  for (std::size_t kind = 0; kind < work.kinds.size(); ++kind) {
    if (work.kinds[kind] <= 0) continue;
    const Seconds until = std::min(end, start + each * work.kinds[kind]);
    timeline_.push_back({track_of_dimension[dimension], start, until, std::string(collective_names[kind])});
    start = until;
  }
}

void RankProcess::record(Interval::Track track, Seconds start, Label label, std::int64_t message) {
  if (job_.timeline) timeline_.push_back({track, start, now(), label.name, label.chunk, label.micro_batch, message});
}

}  // namespace plenum::datacenter
