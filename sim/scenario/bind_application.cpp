#include "sim/scenario/bind_application.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "sim/scenario/bind_serving.hpp"

namespace plenum::scenario {
namespace {

constexpr double largest = 0x1p62;        // bytes
constexpr double slowest_search = 86400;  // s

class ApplicationBinder {
 public:
  ApplicationBinder(const ApplicationJob& job, const std::string& name, const Servers& servers, std::string pointer,
                    Complaints& complaints)
      : job_(job), servers_(servers), pointer_(std::move(pointer)), complaints_(complaints) {
    bound_.name = name;
    bound_.requests = job.requests;
    bound_.folder = folder_of(complaints_.source, pointer_);
    bound_.stages = job.stages;
    bound_.service_level = job.service_level;
  }

  std::optional<BoundApplication> bound() {
    check_requests();
    if (job_.stages.empty()) complain("/stages", "there is no stage; what shall requests go through?");
    check_names();
    for (std::size_t i = 0; i < job_.stages.size(); ++i) check_stage(i);
    find_steps();
    find_loops();
    return good_ ? std::optional(std::move(bound_)) : std::nullopt;
  }

 private:
  void complain(const std::string& below, std::string message) {
    good_ = false;
    complaints_.add(pointer_ + below, std::move(message));
  }
  void complain(std::size_t stage, const std::string& below, std::string message) {
    complain(fmt::format("/stages/{}{}", stage, below), std::move(message));
  }

  void check_requests() {
    good_ &= scenario::check_requests(job_.requests, bound_.folder, pointer_ + "/requests", complaints_);
    if (job_.requests.shared_prefix)
      complain("/requests/shared_prefix", "a stage's \"instructions\" are what all its prompts begin with");
  }

  void check_names() {
    std::set<std::string> names;
    for (std::size_t i = 0; i < job_.stages.size(); ++i)
      if (!names.insert(job_.stages[i].name).second)
        complain(i, "/name", fmt::format("another stage is called \"{}\" too", job_.stages[i].name));
  }

  void check_stage(std::size_t i) {
    const ApplicationStage& stage = job_.stages[i];
    const int who = !stage.served_by.empty() + stage.service.has_value() + stage.search.has_value();
    if (who != 1)
      complain(i, "",
               fmt::format("{} of \"served_by\", \"service\" and \"search\" {} given; one says who does it",
                           who == 0 ? "none" : "several", who == 0 ? "is" : "are"));
    if (stage.name.empty()) complain(i, "/name", "results call the stage by it; it can't be empty");
    if (i == 0 && stage.beside) complain(i, "/beside", "there is no stage before the first one");
    check_lengths(i);
    if (stage.reads == Reads::answer && std::ranges::find(bound_.writes, true) == bound_.writes.end())
      complain(i, "/reads", "no stage before this one writes an answer (a model that reads the context)");
    bound_.serving.push_back(0);
    bound_.writes.push_back(false);
    if (stage.served_by.empty())
      check_that_nothing_is_read(i);
    else
      find_server(i);
    if (stage.search) check_search(i);
  }

  void check_lengths(std::size_t i) {
    const ApplicationStage& stage = job_.stages[i];
    const std::pair<const char*, const std::optional<workload::LengthSpecification>&> lengths[]{
        {"/document", stage.document}, {"/calls", stage.calls},   {"/output", stage.output},
        {"/adds", stage.adds},         {"/rounds", stage.rounds},
    };
    for (const auto& [below, length] : lengths) {
      if (!length) continue;
      if (workload::is_possible(*length))
        warn_of_cut(*length, fmt::format("{}/stages/{}{}", pointer_, i, below), complaints_);
      else
        complain(i, below + std::string("/minimum"), "\"minimum\" is larger than \"tokens\"");
    }
  }

  /// What was not bound has been complained about already.
  void find_server(std::size_t i) {
    const ApplicationStage& stage = job_.stages[i];
    const auto found = std::ranges::find(servers_.serving, stage.served_by, &BoundServing::name);
    if (found != servers_.serving.end()) {
      if (found->pools && stage.output)
        complain(i, "/output", fmt::format("{} gives vectors or scores, no tokens", found->model.name));
      bound_.serving[i] = static_cast<std::size_t>(found - servers_.serving.begin());
      bound_.writes[i] = !found->pools && stage.reads == Reads::context;
      return;
    }
    std::vector<std::string> names;
    for (const Job& job : servers_.scenario.jobs)
      if (job.serving) names.push_back(job.name);
    if (std::ranges::find(names, stage.served_by) == names.end())
      complain(i, "/served_by",
               fmt::format("no serving job is called \"{}\"{}", stage.served_by, suggestion(stage.served_by, names)));
    bound_.writes[i] = stage.reads == Reads::context;
    good_ = false;
  }

  void check_that_nothing_is_read(std::size_t i) {
    const ApplicationStage& stage = job_.stages[i];
    const std::pair<const char*, bool> fields[]{{"instructions", stage.instructions > 0},
                                                {"document", stage.document.has_value()},
                                                {"calls", stage.calls.has_value()},
                                                {"output", stage.output.has_value()}};
    for (const auto& [name, given] : fields)
      if (given) complain(i, std::string("/") + name, "only a model reads and writes; \"served_by\" names its job");
  }

  /// Sizes that can be counted, and a query that ends.
  void check_speed(std::size_t i, const VectorSearch& search) {
    if (search.bytes() >= largest) return complain(i, "/search/vectors", "the vectors are larger than 2^62 bytes");
    const double rate = static_cast<double>(search.hosts) * search.bandwidth.value(),
                 query = search.scanned * search.bytes();
    if (rate > 0 && query > rate * slowest_search)
      complain(i, "/search",
               fmt::format("a query alone reads {} and would take more than a day; more \"hosts\", or a "
                           "smaller part \"scanned\"",
                           format(Bytes(std::llround(query)))));
  }

  void check_search(std::size_t i) {
    VectorSearch& search = *bound_.stages[i].search;
    const auto& host = servers_.scenario.cluster.node.host;
    const bool of_the_cluster = search.bandwidth.value() <= 0;
    if (of_the_cluster) search.bandwidth = host.bandwidth;
    if (search.bandwidth.value() <= 0)
      complain(i, "/search", "say the \"bandwidth\" of a host's memory; the cluster does not state its hosts'");
    check_speed(i, search);
    const double room = static_cast<double>(host.memory.value());
    const auto enough = static_cast<std::int64_t>(std::ceil(std::min(search.bytes(), largest) / std::max(room, 1.0)));
    if (of_the_cluster && room > 0 && search.bytes() < largest && enough > search.hosts)
      complain(i, "/search/hosts",
               fmt::format("{} of vectors do not fit into the memory of {} host{} of {}; {} would do",
                           format(Bytes(std::llround(search.bytes()))), search.hosts, search.hosts == 1 ? "" : "s",
                           format(host.memory), enough));
  }

  void find_steps() {
    for (std::size_t i = 0; i < job_.stages.size(); ++i)
      if (i == 0 || !job_.stages[i].beside) bound_.steps.push_back(i);
    bound_.steps.push_back(job_.stages.size());
  }

  std::size_t step_of(std::size_t stage) const {
    const auto after = std::ranges::upper_bound(bound_.steps, stage);
    return static_cast<std::size_t>(after - bound_.steps.begin()) - 1;
  }

  void find_loops() {
    for (std::size_t i = 0; i < job_.stages.size(); ++i) {
      const ApplicationStage& stage = job_.stages[i];
      if (stage.back_to.empty() != !stage.rounds)
        complain(i, stage.rounds ? "/rounds" : "/back_to", "\"back_to\" and \"rounds\" belong together");
      if (stage.back_to.empty() || !stage.rounds) continue;
      const auto end = job_.stages.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      const auto target = std::find_if(job_.stages.begin(), end,
                                       [&](const ApplicationStage& other) { return other.name == stage.back_to; });
      if (target == end) {
        complain(i, "/back_to", fmt::format("\"{}\" is no stage up to this one", stage.back_to));
        continue;
      }
      const StageLoop loop{step_of(static_cast<std::size_t>(target - job_.stages.begin())), step_of(i), *stage.rounds};
      if (!bound_.loops.empty() && loop.first <= bound_.loops.back().last)
        complain(i, "/back_to", "what is passed again must not overlap with what another stage lets pass again");
      bound_.loops.push_back(loop);
    }
  }

  const ApplicationJob& job_;
  const Servers& servers_;
  const std::string pointer_;
  Complaints& complaints_;
  BoundApplication bound_;
  bool good_ = true;
};

}  // namespace

bool may_serve_applications(const Loaded& loaded, const std::string& job) {
  const auto& jobs = loaded.scenario.jobs;
  const auto serves = [&](const std::string& name) {
    return std::ranges::any_of(jobs, [&](const Job& other) { return other.serving && other.name == name; });
  };
  const auto may_mean_it = [&](const ApplicationStage& stage) {
    return stage.served_by == job || (!stage.served_by.empty() && !serves(stage.served_by));
  };
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string pointer = fmt::format("/jobs/{}", i);
    if (!is_read(loaded, pointer) && json::at(loaded.source, pointer + "/application")) return true;
    if (jobs[i].application && std::ranges::any_of(jobs[i].application->stages, may_mean_it)) return true;
  }
  return false;
}

std::optional<BoundApplication> bind_application(const ApplicationJob& job, const std::string& name,
                                                 const Servers& servers, const std::string& pointer,
                                                 Complaints& complaints) {
  return ApplicationBinder(job, name, servers, pointer, complaints).bound();
}

}  // namespace plenum::scenario
