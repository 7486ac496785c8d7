// The engine's door on SimGrid 3.32. Every resource is a link; every work is a communication between the same two
// hosts, over whatever links it uses: our own zone answers the route question with the links of the work that is being
// started, each as often as its share says (a link that stands k times in a route is loaded k times). SimGrid's
// latencies are all zero, because CM02 would weight the sharing by them; latency is a timer before the communication
// starts.
//
// Work that shares no resource at the moment needs no solver: it moves at min(capacity / share), on a timer, and
// becomes a communication, with what is left of it, when other work comes to one of its resources. SimGrid looks
// through all communications under way whenever one ends, so that a run in which thousands are would take quadratic
// time.
#include "sim/engine/engine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <exception>
#include <limits>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/resource/NetworkModelIntf.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace plenum::engine {
namespace {

using LinkImplementation = simgrid::kernel::resource::StandardLinkImpl;
using simgrid::kernel::resource::Action;
using simgrid::kernel::resource::Model;
using simgrid::kernel::timer::Timer;
namespace routing = simgrid::kernel::routing;
namespace s4u = simgrid::s4u;

/// SimGrid's defaults are made for wide-area networks; these settings leave time = latency + amount / rate.
constexpr std::array settings{
    "plenum",
    "--log=root.thresh:critical",
    "--cfg=network/model:CM02",
    "--cfg=network/crosstraffic:0",
    "--cfg=network/TCP-gamma:0",
    "--cfg=network/weight-S:0",
    "--cfg=network/loopback-bw:1e30",
    "--cfg=network/loopback-lat:0",
    "--cfg=maxmin/precision:1e-13",
#ifdef PLENUM_THREAD_CONTEXTS
    "--cfg=contexts/factory:thread",
#endif
};

/// SimGrid catches interrupts and invalid accesses in its own way; who runs the program keeps what they have set.
class KeptSignals {
 public:
  KeptSignals() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], nullptr, &actions_[i]);
  }
  ~KeptSignals() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &actions_[i], nullptr);
  }
  KeptSignals(const KeptSignals&) = delete;
  KeptSignals& operator=(const KeptSignals&) = delete;

 private:
  static constexpr std::array signals{SIGINT, SIGSEGV, SIGBUS, SIGTERM};
  std::array<struct sigaction, signals.size()> actions_{};
};

/// A zone whose only route is the one of the work that is being started.
class WorkZone : public routing::NetZoneImpl {
 public:
  WorkZone() : NetZoneImpl("plenum") {}
  void get_local_route(const routing::NetPoint*, const routing::NetPoint*, routing::Route* into, double*) override {
    into->link_list_ = links;
  }
  std::vector<LinkImplementation*> links;
};

/// A work or a timer, from start to its callback. `generation` tells users of a recycled place apart.
struct Entry {
  std::uint32_t generation = 1;
  Callback when_done;
  Timer* timer = nullptr;
  s4u::CommPtr flow;
  double amount = 0, rate_limit = 0;
  std::vector<Use> uses;
  bool moving = false;         ///< it is counted by its resources
  double rate = 0, since = 0;  ///< of work that shares nothing: `amount` was left at this time
};

constexpr std::uint64_t nobody = 0;  // no id: generations begin with 1
constexpr double arrived = 1e-13;    // of an amount, as maxmin/precision

struct Resource {
  s4u::Link* link;
  double capacity;
  bool told = true;              ///< the link has this capacity
  std::uint32_t works = 0;       ///< that move
  std::uint64_t alone = nobody;  ///< the only one, if it moves on a timer
};

constexpr std::uint64_t events_between_looks = 1024;

bool is_rate(double value) { return value > 0 && std::isfinite(value); }

}  // namespace

struct Engine::Implementation {
  s4u::Engine simgrid;
  WorkZone* zone;  // owned by SimGrid
  s4u::Host *source, *destination;
  Model* model;
  std::vector<Resource> resources;
  std::vector<Entry> entries;
  std::vector<std::uint32_t> free;
  Statistics statistics;
  std::size_t flows = 0;
  std::uint64_t finished = 0;
  Callback now_and_then;
  /// The flow whose completion was reported last. SimGrid touches it once more after the callback, in which its entry
  /// may already have gone to another flow.
  s4u::CommPtr reported;
  Timer* heartbeat = nullptr;
  double horizon = 0;
  std::exception_ptr failure;
  bool sealed = false;

  Implementation(int count, char** arguments) : simgrid(&count, arguments), zone(new WorkZone) {
    auto* face = zone->get_iface();
    source = face->create_host("source", 1.0)->seal();
    destination = face->create_host("destination", 1.0)->seal();
    model = dynamic_cast<Model*>(face->get_network_model());
    s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) { complete(activity); });
    s4u::Engine::on_deadlock_cb([this] { fail(std::make_exception_ptr(std::runtime_error("SimGrid: deadlock"))); });
    follow_clock();
  }

  std::uint64_t add(Callback when_done) {
    if (free.empty()) {
      free.push_back(static_cast<std::uint32_t>(entries.size()));
      entries.emplace_back();
    }
    const auto place = free.back();
    free.pop_back();
    entries[place].when_done = std::move(when_done);
    return std::uint64_t{entries[place].generation} << 32 | place;
  }

  Entry* find(std::uint64_t id) {
    const auto place = static_cast<std::uint32_t>(id);
    return place < entries.size() && entries[place].generation == id >> 32 ? &entries[place] : nullptr;
  }

  Callback release(std::uint64_t id) {
    Entry& entry = *find(id);
    if (std::exchange(entry.moving, false))
      for (const Use& use : entry.uses) {
        Resource& used = resource(use.resource);
        --used.works;
        if (used.alone == id) used.alone = nobody;
      }
    ++entry.generation;
    entry.timer = nullptr;
    entry.amount = 0;
    free.push_back(static_cast<std::uint32_t>(id));
    return std::exchange(entry.when_done, nullptr);
  }

  void set_timer(std::uint64_t id, double delay) {
    find(id)->timer = Timer::set(s4u::Engine::get_clock() + delay, [this, id] { ring(id); });
  }

  void ring(std::uint64_t id) {
    Entry& entry = *find(id);
    entry.timer = nullptr;
    if (entry.amount > 0) {
      launch(id);
    } else {
      finish(id);
    }
  }

  void launch(std::uint64_t id) {
    Entry& entry = *find(id);
    entry.moving = true;
    bool alone = true;
    for (const Use& use : entry.uses) alone = ++resource(use.resource).works == 1 && alone;
    if (!alone) return join(id);
    for (const Use& use : entry.uses) resource(use.resource).alone = id;
    move_alone(id);
  }

  /// From now on, at the rate that its resources have now.
  void move_alone(std::uint64_t id) {
    Entry& entry = *find(id);
    entry.rate = entry.rate_limit > 0 ? entry.rate_limit : std::numeric_limits<double>::infinity();
    for (const Use& use : entry.uses) entry.rate = std::min(entry.rate, resource(use.resource).capacity / use.share);
    entry.since = s4u::Engine::get_clock();
    entry.timer = Timer::set(entry.since + entry.amount / entry.rate, [this, id] {
      find(id)->timer = nullptr;
      finish(id);
    });
  }

  /// Whoever moved alone over one of its resources has company now.
  void join(std::uint64_t id) {
    for (const Use& use : find(id)->uses) {
      const auto other = resource(use.resource).alone;
      if (other != nobody && stop_alone(other)) communicate(other);
    }
    communicate(id);
  }

  bool stop_alone(std::uint64_t id) {
    if (!pause_alone(id)) return false;
    for (const Use& use : find(id)->uses) resource(use.resource).alone = nobody;
    return true;
  }

  /// False when it has all but arrived: then nobody can hold it up.
  bool pause_alone(std::uint64_t id) {
    Entry& entry = *find(id);
    const double left = entry.amount - entry.rate * (s4u::Engine::get_clock() - entry.since);
    if (left <= arrived * entry.amount) return false;
    entry.amount = left;
    std::exchange(entry.timer, nullptr)->remove();
    return true;
  }

  void communicate(std::uint64_t id) {
    Entry& entry = *find(id);
    zone->links.clear();
    for (const Use& use : entry.uses) {
      Resource& used = resource(use.resource);
      tell(used);
      zone->links.insert(zone->links.end(), use.share, used.link->get_impl());
    }
    auto flow = s4u::Comm::sendto_init(source, destination);
    flow->set_payload_size(1)->set_data(reinterpret_cast<void*>(id));
    flow->start();
    // A communication counts whole bytes and ignores set_rate() when no actor sends it; its action takes any double.
    Action& action = model->get_started_action_set()->back();
    action.set_cost(entry.amount);
    action.set_remains(entry.amount);
    action.set_bound(entry.rate_limit > 0 ? entry.rate_limit : -1);
    entry.flow = std::move(flow);
    if (flows++ == 0) follow_clock();
  }

  void set_capacity(Resource& changed, double capacity) {
    changed.capacity = capacity;
    changed.told = false;
    const bool one_alone = changed.alone != nobody;
    if (one_alone && pause_alone(changed.alone)) move_alone(changed.alone);
    if (changed.works > (one_alone ? 1 : 0)) tell(changed);
  }

  static void tell(Resource& changed) {
    if (!std::exchange(changed.told, true)) changed.link->set_bandwidth(changed.capacity);
  }

  void complete(const s4u::Activity& activity) {
    const auto id = reinterpret_cast<std::uint64_t>(activity.get_data<void>());
    const Entry* entry = find(id);
    if (entry == nullptr || entry->flow.get() != &activity) return;
    if (entry->when_done != nullptr) reported = entry->flow;
    if (--flows == 0 && heartbeat != nullptr) std::exchange(heartbeat, nullptr)->remove();
    finish(id);
  }

  void finish(std::uint64_t id) {
    const Callback when_done = release(id);
    if (when_done == nullptr || failure != nullptr) return;
    try {
      when_done();
      if (++finished % events_between_looks == 0 && now_and_then) now_and_then();
    } catch (...) {
      fail(std::current_exception());
    }
  }

  void fail(std::exception_ptr why) {
    if (failure == nullptr) failure = std::move(why);
  }

  /// SimGrid takes events within `surf/precision` seconds as simultaneous, and loses one that the clock has overtaken
  /// by more than that. So the precision is a few units in the last place of the time until which the clock may jump,
  /// and a timer at that time moves it on.
  void follow_clock() {
    const double now = s4u::Engine::get_clock();
    if (now >= horizon) {
      horizon = 2 * now + 1e-3;
      const double last_place = std::nextafter(horizon, std::numeric_limits<double>::infinity()) - horizon;
      s4u::Engine::set_config("surf/precision", 4 * last_place);
    }
    if (flows > 0) heartbeat = Timer::set(horizon, [this] { heartbeat = nullptr, follow_clock(); });
  }

  /// SimGrid still reports a cancelled flow as complete; its entry stays until then, without a callback.
  void cancel(std::uint64_t id) {
    Entry* entry = find(id);
    if (entry == nullptr || entry->when_done == nullptr) return;
    if (entry->timer != nullptr) {
      entry->timer->remove();
      release(id);
    } else {
      entry->when_done = nullptr;
      entry->flow->cancel();
    }
  }

  Resource& resource(ResourceId id) { return resources.at(static_cast<std::size_t>(id)); }
};

Engine::Engine() {
  static bool constructed = false;
  if (std::exchange(constructed, true)) {
    throw std::logic_error(
        "a second Engine in one process: SimGrid does not survive it; fork a process per simulation");
  }
  std::vector<char*> arguments;
  for (const char* setting : settings) arguments.push_back(const_cast<char*>(setting));
  arguments.push_back(nullptr);
  const KeptSignals kept;
  implementation_ = std::make_unique<Implementation>(static_cast<int>(settings.size()), arguments.data());
}

Engine::~Engine() = default;

ResourceId Engine::add_resource(double capacity) {
  if (!is_rate(capacity)) throw std::invalid_argument("a resource's capacity must be positive and finite");
  if (implementation_->sealed) throw std::logic_error("resources are added before run()");
  auto& resources = implementation_->resources;
  auto* link =
      implementation_->zone->get_iface()->create_link("resource " + std::to_string(resources.size()), capacity);
  resources.push_back({.link = link->set_latency(0.0)->seal(), .capacity = capacity});
  return static_cast<ResourceId>(resources.size() - 1);
}

void Engine::set_capacity(ResourceId id, double capacity) {
  if (!is_rate(capacity)) throw std::invalid_argument("a resource's capacity must be positive and finite");
  implementation_->set_capacity(implementation_->resource(id), capacity);
}

WorkId Engine::start(const Work& work, Callback when_done) {
  const double latency = work.latency.value();
  if (!(latency >= 0) || !std::isfinite(latency)) throw std::invalid_argument("a latency must be finite, at least 0");
  if (!(work.amount >= 0) || !std::isfinite(work.amount) || (work.amount > 0 && work.uses.empty())) {
    throw std::invalid_argument("an amount must be finite, at least 0, and use a resource when it is positive");
  }
  const auto id = implementation_->add(std::move(when_done));
  Entry& entry = *implementation_->find(id);
  entry.amount = work.amount;
  entry.rate_limit = work.rate_limit;
  for (const Use& use : work.uses)
    if (use.share == 0) throw std::invalid_argument("a share must be at least 1");
  entry.uses.assign(work.uses.begin(), work.uses.end());
  ++implementation_->statistics.work_started;
  if (latency > 0 || work.amount == 0) {
    implementation_->set_timer(id, latency);
  } else {
    implementation_->launch(id);
  }
  return static_cast<WorkId>(id);
}

void Engine::cancel(WorkId id) { implementation_->cancel(static_cast<std::uint64_t>(id)); }

TimerId Engine::after(Seconds delay, Callback callback) {
  if (!(delay.value() >= 0) || !std::isfinite(delay.value())) {
    throw std::invalid_argument("a delay must be finite, at least 0");
  }
  auto* implementation = implementation_.get();
  const auto id = implementation->add([implementation, callback = std::move(callback)] {
    ++implementation->statistics.timers_fired;
    callback();
  });
  implementation->set_timer(id, delay.value());
  return static_cast<TimerId>(id);
}

void Engine::cancel(TimerId id) { implementation_->cancel(static_cast<std::uint64_t>(id)); }

Seconds Engine::now() const { return Seconds(s4u::Engine::get_clock()); }

void Engine::run(const Callback& now_and_then) {
  implementation_->sealed = true;
  implementation_->now_and_then = now_and_then;
  implementation_->simgrid.run();
  if (implementation_->failure != nullptr) std::rethrow_exception(implementation_->failure);
}

Engine::Statistics Engine::statistics() const { return implementation_->statistics; }

}  // namespace plenum::engine
