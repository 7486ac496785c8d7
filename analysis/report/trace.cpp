// Chrome JSON, as Perfetto and chrome://tracing read it: X slices that nest, M names, s/f flows for messages.
#include <fmt/format.h>

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
  void name_track(Place place) {
    metadata(place, "thread_name", std::string(track_names[static_cast<std::size_t>(place.track)]));
  }

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

void add_rank(Trace& trace, std::int64_t process, std::int64_t job, const datacenter::TrainingResult& result,
              const datacenter::RankClass& rank) {
  trace.name_process(process, fmt::format("{}: stage {}, rank {} ({} alike)", result.job, rank.stage,
                                          rank.representative, rank.members));
  std::array<bool, track_names.size()> used{true};
  for (const auto& interval : rank.timeline) used[static_cast<std::size_t>(interval.track)] = true;
  for (std::size_t track = 0; track < used.size(); ++track)
    if (used[track]) trace.name_track({process, static_cast<std::int64_t>(track)});
  trace.slice({process, 0}, "step", Seconds(0), result.step);
  for (const auto& interval : rank.timeline) {
    const Place place{process, static_cast<std::int64_t>(interval.track)};
    trace.slice(place, interval.name, interval.start, interval.end, arguments_of(interval));
    if (interval.message >= 0) trace.message(job, interval, place);
  }
}

}  // namespace

std::string chrome_trace(const scenario::Bound&, const datacenter::Result& result) {
  Trace trace;
  std::int64_t process = 0;
  for (std::size_t job = 0; job < result.training.size(); ++job)
    for (const auto& rank : result.training[job].ranks)
      add_rank(trace, process++, static_cast<std::int64_t>(job), result.training[job], rank);
  return trace.finish();
}

}  // namespace plenum::analysis
