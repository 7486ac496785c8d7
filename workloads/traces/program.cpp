#include "workloads/traces/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "sim/core/random.hpp"

namespace plenum::workload {
namespace {

class Linker {
 public:
  Linker(const TraceFile& file, std::vector<Task> tasks, Issues& issues) : file_(file), issues_(issues) {
    program_->file = file.name;
    program_->tasks = std::move(tasks);
    std::ranges::stable_sort(program_->tasks, {}, &Task::id);
  }

  std::shared_ptr<const Program> run() {
    number();
    link_dependencies();
    if (issues_.has_errors()) return nullptr;
    find_cycle();
    assign_slots();
    warn_of_lost_edges();
    program_->signature = signature();
    return program_;
  }

 private:
  std::uint32_t count() const { return static_cast<std::uint32_t>(program_->tasks.size()); }

  void number() {
    for (std::uint32_t i = 0; i < count(); ++i) {
      const Task& task = program_->tasks[i];
      const auto [first, is_new] = index_.emplace(task.id, i);
      if (!is_new)
        complain(
            issues_, file_, task,
            fmt::format("another node has the id {} already: \"{}\"", task.id, program_->tasks[first->second].name));
    }
  }

  void link_dependencies() {
    program_->waits.assign(count(), 0);
    program_->followers.resize(count());
    for (std::uint32_t i = 0; i < count(); ++i) {
      auto& needed = program_->tasks[i].waits_for;
      std::ranges::sort(needed);
      needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
      for (const std::uint64_t id : needed) link_dependency(i, id);
    }
  }

  void link_dependency(std::uint32_t task, std::uint64_t id) {
    const auto found = index_.find(id);
    if (found == index_.end())
      return complain(issues_, file_, program_->tasks[task],
                      fmt::format("waits for node {}, which does not exist", id));
    ++program_->waits[task];
    program_->followers[found->second].push_back(task);
  }

  /// What is left when everything that can ever start has been taken away waits in a circle.
  void find_cycle() {
    auto waits = program_->waits;
    std::vector<std::uint32_t> ready;
    for (std::uint32_t i = 0; i < count(); ++i)
      if (waits[i] == 0) ready.push_back(i);
    for (std::size_t next = 0; next < ready.size(); ++next)
      for (const auto follower : program_->followers[ready[next]])
        if (--waits[follower] == 0) ready.push_back(follower);
    if (ready.size() == count()) return;
    const auto start =
        static_cast<std::uint32_t>(std::ranges::find_if(waits, [](auto n) { return n > 0; }) - waits.begin());
    tell_cycle(start, waits);
  }

  /// Everybody left waits for somebody left: going back from one to another ends where it has been before.
  void tell_cycle(std::uint32_t start, const std::vector<std::uint32_t>& waits) {
    std::vector<std::uint32_t> path{start};
    const auto one_left = [&](std::uint32_t task) {
      for (const auto id : program_->tasks[task].waits_for)
        if (waits[index_.at(id)] > 0) return index_.at(id);
      return task;
    };
    auto seen = path.end();
    for (auto next = one_left(start);; next = one_left(next)) {
      seen = std::ranges::find(path, next);
      if (seen != path.end()) break;
      path.push_back(next);
    }
    path.erase(path.begin(), seen);
    constexpr std::size_t most_told = 6;
    std::string told;
    for (std::size_t i = 0; i < std::min(path.size(), most_told); ++i)
      told += fmt::format("{} \"{}\" waits for ", program_->tasks[path[i]].id, program_->tasks[path[i]].name);
    const bool all = path.size() <= most_told;
    complain(issues_, file_, program_->tasks[path.front()],
             fmt::format("a cycle of {} node{}: {}{}", path.size(), path.size() == 1 ? "" : "s", told,
                         all ? std::to_string(program_->tasks[path.front()].id) : "..."));
  }

  void assign_slots() {
    program_->slot.assign(count(), 0);
    program_->turn.assign(count(), 0);
    for (std::uint32_t i = 0; i < count(); ++i)
      if (program_->tasks[i].kind >= TaskKind::collective) assign_slot(i);
  }

  void assign_slot(std::uint32_t index) {
    const Task& task = program_->tasks[index];
    const bool collective = task.kind == TaskKind::collective;
    Slot wanted{task.kind, task.communicator, collective ? -1 : task.peer, collective ? 0 : task.tag, {}};
    const auto [place, is_new] =
        slots_.emplace(std::tuple(wanted.kind, wanted.communicator, wanted.peer, wanted.tag), program_->slots.size());
    if (is_new) program_->slots.push_back(std::move(wanted));
    Slot& slot = program_->slots[place->second];
    program_->slot[index] = static_cast<std::uint32_t>(place->second);
    program_->turn[index] = static_cast<std::uint32_t>(slot.tasks.size());
    slot.tasks.push_back(index);
  }

  void warn_of_lost_edges() {
    std::size_t kernels = 0, first = 0, last = 0;
    for (std::uint32_t i = 0; i < count(); ++i) {
      if (program_->tasks[i].kind < TaskKind::compute) continue;
      ++kernels;
      first += program_->waits[i] == 0;
      last += program_->followers[i].empty();
    }
    if (kernels < 3 || first < 3 || 2 * first < kernels) return;
    issues_.warning(
        {file_.name}, "",
        fmt::format("{} of {} GPU and communication nodes wait for nothing and {} are waited for by nobody: "
                    "edges that the converter lost? They run one after the other, in the order of their ids",
                    first, kernels, last));
  }

  std::uint64_t signature() const {
    std::uint64_t hash = count();
    const auto add = [&hash](std::uint64_t value) { hash = mix(hash ^ mix(value)); };
    for (std::uint32_t i = 0; i < count(); ++i) {
      const Task& task = program_->tasks[i];
      add(static_cast<std::uint64_t>(task.kind) << 8 | static_cast<std::uint64_t>(task.collective));
      add(std::bit_cast<std::uint64_t>(task.duration.value()));
      add(std::bit_cast<std::uint64_t>(task.operations));
      add(std::bit_cast<std::uint64_t>(task.moved));
      add(static_cast<std::uint64_t>(task.bytes.value()) << 1 | (task.bytes_per_rank ? 1 : 0));
      add(std::uint64_t{program_->slot[i]} << 32 | program_->turn[i]);
      for (const auto id : task.waits_for) add(index_.at(id));
    }
    return hash;
  }

  const TraceFile& file_;
  Issues& issues_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::map<std::tuple<TaskKind, std::string, std::int64_t, std::int64_t>, std::size_t> slots_;
};

}  // namespace

void complain(Issues& issues, const TraceFile& file, const Task& task, std::string message) {
  const bool lines = file.unit == "line";
  const std::string where = lines ? "" : fmt::format("node {} (number {}): ", task.id, task.place);
  issues.error({file.name, lines ? static_cast<int>(task.place) : 0, lines ? 1 : 0}, "",
               fmt::format("{}\"{}\" {}", where, task.name, std::move(message)));
}

void add_first(Issues& to, const Issues& found, const std::string& file) {
  constexpr std::size_t most_told = 20;
  const auto& all = found.all();
  for (std::size_t i = 0; i < std::min(all.size(), most_told); ++i) to.add(all[i]);
  if (all.size() > most_told) to.error({file}, "", fmt::format("... and {} more", all.size() - most_told));
}

std::shared_ptr<const Program> link(const TraceFile& file, std::vector<Task> tasks, Issues& issues) {
  Issues found;
  auto program = Linker(file, std::move(tasks), found).run();
  add_first(issues, found, file.name);
  return found.has_errors() ? nullptr : program;
}

}  // namespace plenum::workload
