// One class of ranks of a training job, executed: pipeline schedule, collectives with the other members of its groups,
// data-parallel traffic beside the computation, optimizer.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "calibration/training_slowdown.hpp"
#include "sim/datacenter/process.hpp"
#include "sim/datacenter/training/ledger.hpp"
#include "sim/datacenter/training/rendezvous.hpp"
#include "sim/datacenter/training/segment.hpp"
#include "sim/engine/engine.hpp"
#include "workloads/training/schedule.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::datacenter {

/// States of a chunk, bytes, over the data-parallel group and over that of the experts.
struct StateBytes {
  double common = 0, experts = 0;
  bool any() const { return common > 0 || experts > 0; }
};

/// A chunk's work with its price; the same for all ranks of a stage.
struct PricedChunk {
  Segment forward, backward;
  Segment weights;          ///< gradients of weights, where the schedule has them apart
  std::int64_t pieces = 1;  ///< buckets (distributed optimizer) or layers (FSDP), moved one by one
  StateBytes gradients;     ///< of the whole chunk
  StateBytes parameters;    ///< gathered; zeros: never
  Seconds offload{};        ///< of activations to the host's memory, or back, per micro-batch
  std::int64_t layers = 1;  ///< copies begin behind the first one, and end before the last one goes backward
  Seconds host_up{};        ///< from the host's memory before the whole chunk is gathered
  Seconds host_down{};      ///< to it after its gradients are reduced
  std::optional<workload::NeighbourChunk> next{}, previous{};  ///< along the model
};

struct PricedStage {
  std::vector<PricedChunk> chunks;
  std::vector<workload::ScheduleItem> schedule;
  Segment optimizer;
  Seconds host_update{};  ///< behind it: copies and the update of what the host holds
  bool splits_backward = false;
  Bytes boundary{};                         ///< activations handed to the next chunk, per micro-batch
  calibration::HeldMultiprocessors beside;  ///< what kernels lose to communication that runs beside them
};

/// When data-parallel states move; follows from the plan.
struct DataParallelPolicy {
  bool gather_every_forward = false;   ///< ZeRO-2 and 3 in FSDP; else parameters are gathered once a step (ZeRO-1)
  bool gather_every_backward = false;  ///< ZeRO-3
  bool reduce_every_backward = false;  ///< FSDP reduces after every micro-batch; else after the last one
  std::int64_t gathers_ahead = 0;  ///< parameters requested before they are needed (FSDP prefetch: 2); 0: all at once
  bool overlap = true;             ///< beside the computation; else after it
  CollectiveKind reduction = CollectiveKind::reduce_scatter;  ///< of gradients
  std::int64_t shards = 0;  ///< hybrid sharding: ranks that share one copy of the states; 0: all do, or none
};

/// What all rank processes of a job share.
struct JobContext {
  engine::Engine& engine;
  FoldedFabric& fabric;
  DataParallelPolicy data;
  std::int64_t micro_batches = 1;
  bool blocking_sends = false;  ///< the sender waits until its message has arrived (1F1B without overlap)
  bool timeline = false;
  std::int64_t messages = 0;  ///< sent so far: their numbers in traces
  Latch& all_reduced;         ///< the gradients of every rank are reduced, their common norm is known
};

class RankProcess {
 public:
  struct Neighbour {
    std::uint32_t send = 0;  ///< group class of the message
    GroupTiming::Collective message{};
    RankProcess* process = nullptr;  ///< who receives it; null: nobody
  };
  struct Surroundings {
    std::array<Rendezvous*, group_dimensions> groups{};  ///< null: alone in this dimension
    Neighbour next, previous;
  };

  RankProcess(JobContext&, const PricedStage&, std::uint32_t rank_class, double speed);
  void connect(const Surroundings& around) { around_ = around; }
  void begin() {
    ledger_.begin(now());
    main_ = run();
  }
  Process::Ended ended() const { return main_.ended(); }  ///< precondition: begun

  /// Throws what ended it.
  bool done() const {
    data_.done();
    return main_.done();
  }
  std::size_t passes_done() const { return passes_done_; }  ///< items of its schedule
  const char* waiting_for() const { return waiting_for_; }
  Ledger& ledger() { return ledger_; }
  std::vector<Interval>& timeline() { return timeline_; }

 private:
  /// What another stage sends for one item of the schedule.
  struct Inbox {
    Signal arrived;
    Seconds sent{};
    std::int64_t message = -1;
  };
  /// A transfer on the data-parallel stream; they run one after the other.
  struct Transfer {
    const char* name;
    CollectiveKind kind;
    StateBytes bytes;
    Seconds host{};  ///< between the GPU and its host: before it is gathered, after it is reduced
    Signal done;
    Seconds copied{}, began{}, moved{},
        ended{};  ///< up from the host; all members were there; had their data; all done
  };

  using WorkOfGroups = std::array<GroupWork, group_dimensions>;
  /// What a segment communicates beside its kernels and after them.
  struct Communicated {
    WorkOfGroups beside, after;
  };

  /// What a slice of the timeline is called. Trivial, since coroutines take it by value.
  struct Label {
    const char* name;
    std::int32_t chunk = -1, micro_batch = -1;
  };

  Process run();
  Process run_item(workload::ScheduleItem);
  Process run_segment(const Segment&, Label);
  Process run_alone(const Segment&, const Communicated&);
  Process run_among_others(const Segment&, const Communicated&);
  Process slow_down_until(Signal&, double multiprocessors);
  Process compute(const Segment&);
  Process pass(Seconds);
  Communicated communicated(const Segment&) const;
  std::array<Seconds, group_dimensions> times_alone(const WorkOfGroups&);  ///< accounts for them
  Process finish_offload(const PricedChunk&, workload::Pass, Seconds began);
  Process receive(Inbox&);
  Process send(workload::ScheduleItem);
  Process wait_for(Transfer&);
  Process finish_step();
  Process drain_transfers();

  bool gathers(const workload::ScheduleItem&) const;
  bool reduces(const workload::ScheduleItem&) const;
  void gather_next();
  Transfer& enqueue_gather(const PricedChunk&, std::int64_t pieces);
  Transfer& enqueue_reduction(const PricedChunk&, std::int64_t pieces);
  Transfer& enqueue(const char* name, CollectiveKind, const StateBytes& whole, Seconds host, std::int64_t pieces);
  Process copy(Seconds);
  Process move_common(Transfer&);
  Process move_states(Transfer&, CollectiveKind, workload::GroupDimension, double bytes);
  bool replicated() const;
  void occupy(double multiprocessors);
  double most_multiprocessors(const WorkOfGroups&) const;
  double state_multiprocessors() const;
  bool alone(const Communicated&) const;
  /// Null where nothing is handed over: at the ends of the model, between gradients.
  Inbox* inbox(const workload::ScheduleItem&);
  std::optional<workload::NeighbourChunk> receiver_of(const workload::ScheduleItem&) const;
  void charge(std::size_t dimension, const GroupWork&, Seconds until);
  void record(Interval::Track, Seconds start, Label, std::int64_t message = -1);
  void record(std::size_t dimension, const GroupWork&, Seconds start, Seconds end);
  Seconds now() const { return job_.engine.now(); }

  JobContext& job_;
  const PricedStage& stage_;
  std::uint32_t rank_class_;
  double speed_;
  engine::ResourceId gpu_;
  Surroundings around_;
  Ledger ledger_;
  std::vector<Interval> timeline_;
  std::deque<Inbox> inboxes_;  ///< by pass, chunk, micro-batch
  std::deque<Transfer> transfers_;
  std::size_t passes_done_ = 0;
  std::size_t transfers_begun_ = 0;
  std::size_t transfers_charged_ = 0;  ///< whose spans the ledger has seen
  bool draining_ = false;
  double occupied_ = 0;            ///< multiprocessors that run communication beside the computation now
  std::deque<Transfer*> gathers_;  ///< requested and not yet used, in the order of use
  std::size_t gather_item_ = 0;    ///< next item of the schedule whose parameters are requested
  std::int64_t gather_piece_ = 0;
  const char* waiting_for_ = "nothing";
  Process main_, data_;
};

}  // namespace plenum::datacenter
