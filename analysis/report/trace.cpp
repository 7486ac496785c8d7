// Chrome JSON, as Perfetto and chrome://tracing read it: X slices that nest, M names, s/f flows for messages.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/report/report.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;
using Track = datacenter::Interval::Track;

constexpr std::array<std::string_view, 7> track_names{
    "compute", "tensor parallel", "context parallel", "expert parallel", "data parallel", "send", "receive"};

/// Whole nanoseconds, so that neighbours still touch and nested slices still nest after rounding.
std::int64_t nanoseconds(Seconds time) { return std::llround(time.value() * 1e9); }
double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

struct Place {
  std::int64_t process = 0, track = 0;
};

struct Endpoint {
  Place place;
  std::int64_t at = 0;  ///< nanoseconds
};

class Trace {
 public:
  void name_process(std::int64_t process, const std::string& name) { metadata({process, 0}, "process_name", name); }
  void name_track(Place place, const std::string& name) { metadata(place, "thread_name", name); }

  void slice(Place place, const std::string& name, Seconds start, Seconds end, Json arguments = Json::object()) {
    const auto from = nanoseconds(start), to = nanoseconds(end);
    events_.push_back({{"ph", "X"},
                       {"pid", place.process},
                       {"tid", place.track},
                       {"ts", microseconds(from)},
                       {"dur", microseconds(to - from)},
                       {"name", name},
                       {"args", std::move(arguments)}});
  }

  void message(std::int64_t job, const datacenter::Interval& interval, Place place) {
    const auto start = nanoseconds(interval.start), end = nanoseconds(interval.end);
    auto& ends = messages_[{job, interval.message}];
    if (interval.track == Track::send)
      ends.sent.push_back({place, start});
    else
      ends.received.push_back({place, std::max(start, end - 1)});  // inside its slice, not at the end of it
  }

  std::string finish() {
    std::int64_t id = 0;
    for (const auto& [key, ends] : messages_)
      if (!ends.sent.empty() && !ends.received.empty()) arrow(++id, ends.sent.front(), ends.received.front());
    return Json{{"displayTimeUnit", "ms"}, {"traceEvents", events_}}.dump() + "\n";
  }

 private:
  struct Ends {
    std::vector<Endpoint> sent, received;
  };

  void metadata(Place place, const char* what, const std::string& name) {
    events_.push_back(
        {{"ph", "M"}, {"pid", place.process}, {"tid", place.track}, {"name", what}, {"args", {{"name", name}}}});
  }

  void arrow(std::int64_t id, const Endpoint& from, const Endpoint& to) {
    for (const auto* phase : {"s", "f"}) {
      const auto& end = *phase == 's' ? from : to;
      Json event{{"ph", phase},
                 {"id", id},
                 {"pid", end.place.process},
                 {"tid", end.place.track},
                 {"ts", microseconds(end.at)},
                 {"name", "message"},
                 {"cat", "message"}};
      if (*phase == 'f') event["bp"] = "e";  // binds to the slice around it
      events_.push_back(std::move(event));
    }
  }

  Json events_ = Json::array();
  std::map<std::pair<std::int64_t, std::int64_t>, Ends> messages_;
};

Json arguments_of(const datacenter::Interval& interval) {
  Json arguments = Json::object();
  if (interval.micro_batch >= 0) arguments["micro_batch"] = interval.micro_batch;
  if (interval.chunk >= 0) arguments["chunk"] = interval.chunk;
  return arguments;
}

/// Slices of a thread must nest, and messages overlap: what begins before another of its track has ended goes to a
/// further lane of the track, a thread of its own.
class Lanes {
 public:
  std::int64_t lane_of(const datacenter::Interval& interval) {
    auto& ends = ends_[static_cast<std::size_t>(interval.track)];
    const auto start = nanoseconds(interval.start);
    const auto free = std::ranges::find_if(ends, [start](std::int64_t end) { return end <= start; });
    const auto lane = free - ends.begin();
    if (free == ends.end()) ends.emplace_back();
    ends[static_cast<std::size_t>(lane)] = nanoseconds(interval.end);
    return lane;
  }
  std::size_t count(std::size_t track) const { return ends_[track].size(); }

 private:
  std::array<std::vector<std::int64_t>, track_names.size()> ends_;
};

std::int64_t thread_of(std::size_t track, std::int64_t lane) {
  return static_cast<std::int64_t>(track) + lane * static_cast<std::int64_t>(track_names.size());
}

std::vector<const datacenter::Interval*> by_start(const std::vector<datacenter::Interval>& timeline) {
  std::vector<const datacenter::Interval*> sorted;
  for (const auto& interval : timeline) sorted.push_back(&interval);
  std::ranges::stable_sort(sorted, {}, [](const auto* interval) { return interval->start; });
  return sorted;
}

void add_rank(Trace& trace, std::int64_t process, std::int64_t job, const std::string& name, Seconds step,
              const datacenter::RankClass& rank) {
  trace.name_process(
      process, fmt::format("{}: stage {}, rank {} ({} alike)", name, rank.stage, rank.representative, rank.members));
  trace.slice({process, 0}, "step", Seconds(0), step);
  Lanes lanes;
  for (const auto* interval : by_start(rank.timeline)) {
    const auto track = static_cast<std::size_t>(interval->track);
    const Place place{process, thread_of(track, lanes.lane_of(*interval))};
    trace.slice(place, interval->name, interval->start, interval->end, arguments_of(*interval));
    if (interval->message >= 0) trace.message(job, *interval, place);
  }
  for (std::size_t track = 0; track < track_names.size(); ++track)
    for (std::size_t lane = 0; lane < lanes.count(track); ++lane)
      trace.name_track(
          {process, thread_of(track, static_cast<std::int64_t>(lane))},
          lane == 0 ? std::string(track_names[track]) : fmt::format("{} {}", track_names[track], lane + 1));
}

/// Phases of training and of the rollout on tracks of their own.
void add_phases(Trace& trace, std::int64_t process, const datacenter::ReinforcementResult& result) {
  trace.name_process(process, result.job + ": phases");
  trace.name_track({process, 0}, "training");
  trace.name_track({process, 1}, "rollout");
  for (const auto& span : result.phases)
    trace.slice({process, span.phase == datacenter::Phase::rollout ? 1 : 0},
                std::string(datacenter::phase_names[static_cast<std::size_t>(span.phase)]), span.start, span.end);
}

}  // namespace

std::string chrome_trace(const scenario::Bound&, const datacenter::Result& result) {
  Trace trace;
  std::int64_t process = 0;
  std::int64_t job = 0;
  for (const auto& training : result.training) {
    for (const auto& rank : training.ranks) add_rank(trace, process++, job, training.job, training.step, rank);
    ++job;
  }
  for (const auto& step : result.reinforcement) {
    add_phases(trace, process++, step);
    for (const auto& rank : step.ranks) add_rank(trace, process++, job, step.job, step.step, rank);
    ++job;
  }
  return trace.finish();
}

}  // namespace plenum::analysis
