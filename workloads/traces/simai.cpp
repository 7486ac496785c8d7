#include "workloads/traces/simai.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "workloads/traces/program.hpp"

namespace plenum::workload {
namespace {

constexpr std::string_view policy = "HYBRID_TRANSFORMER_FWD_IN_BCKWD";
constexpr std::size_t columns = 12;
constexpr std::int64_t most_ranks = 1 << 20;

struct Word {
  std::string_view text;
  int line = 1, column = 1;
};

/// A line's words.
std::vector<Word> words_of(std::string_view line, int number) {
  std::vector<Word> words;
  constexpr std::string_view space = " \t\r";
  for (std::size_t at = line.find_first_not_of(space); at != line.npos; at = line.find_first_not_of(space, at)) {
    const std::size_t end = std::min(line.find_first_of(space, at), line.size());
    words.push_back({line.substr(at, end - at), number, static_cast<int>(at) + 1});
    at = end;
  }
  return words;
}

std::vector<std::vector<Word>> lines_of(std::string_view text) {
  std::vector<std::vector<Word>> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(words_of(text.substr(0, end), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Plan {
  std::int64_t tensor = 1, expert = 1, pipeline = 1, ranks = 0;
  std::int64_t data() const { return ranks / (tensor * pipeline); }
};

/// What a column says: time and, behind it, a collective on a group ("" none).
struct Pass {
  Seconds time{};
  CollectiveKind kind = CollectiveKind::all_reduce;
  std::string group;
  Bytes bytes{};
};
struct Row {
  std::string name;
  int line = 0;
  Pass forward, input_gradient, weight_gradient;
};

class Reader {
 public:
  Reader(const std::string& file, Issues& issues) : file_(file), issues_(issues) {}

  bool read(std::string_view text) {
    auto lines = lines_of(text);
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    if (lines.empty() || lines[0].empty() || lines[0][0].text != policy) {
      issues_.error({file_, 1, 1}, "", fmt::format("does not start with {}", policy));
      return false;
    }
    read_header(lines[0]);
    if (lines.size() > 1) read_count(lines[1], lines.size() - 2);
    for (std::size_t i = 2; i < lines.size(); ++i) read_row(lines[i], static_cast<int>(i) + 1);
    if (lines.size() < 3) issues_.error({file_, static_cast<int>(lines.size()), 1}, "", "has no rows");
    return !issues_.has_errors();
  }

  Plan plan;
  std::vector<Row> rows;

 private:
  void problem(const Word& word, const std::string& message) {
    issues_.error({file_, word.line, word.column}, "", message);
  }

  std::int64_t number(const Word& word, std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    const char* end = word.text.data() + word.text.size();
    const auto [stop, error] = std::from_chars(word.text.data(), end, value);
    if (error == std::errc() && stop == end && value >= low && value <= high) return value;
    problem(word, fmt::format("\"{}\" is no whole number from {} to {}", word.text, low, high));
    return low;
  }

  /// "key: value" pairs; some writers leave out the colon of pp_comm.
  void read_header(const std::vector<Word>& words) {
    const std::map<std::string_view, std::int64_t*> known{{"model_parallel_NPU_group", &plan.tensor},
                                                          {"ep", &plan.expert},
                                                          {"pp", &plan.pipeline},
                                                          {"all_gpus", &plan.ranks}};
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
      const auto key = words[i].text.substr(0, words[i].text.find(':'));
      if (const auto found = known.find(key); found != known.end())
        *found->second = number(words[i + 1], 1, most_ranks);
    }
    if (plan.ranks == 0) problem(words[0], "says nothing about all_gpus; \"all_gpus: 16\" would be right");
  }

  void read_count(const std::vector<Word>& words, std::size_t found) {
    const Word missing{"", 2, 1};
    if (words.size() != 1) return problem(words.empty() ? missing : words[1], "the second line is the number of rows");
    const auto told = number(words[0], 1, std::int64_t{1} << 31);
    if (told != static_cast<std::int64_t>(found))
      problem(words[0],
              fmt::format("{} rows are announced, {} follow: the file is cut off, or has lines of something else", told,
                          found));
  }

  void read_row(const std::vector<Word>& words, int line) {
    if (words.size() != columns)
      return issues_.error({file_, line, 1}, "",
                           fmt::format("{} columns; a row has {}: name, dependency, and three times "
                                       "computation, collective, bytes; process time",
                                       words.size(), columns));
    rows.push_back(
        {std::string(words[0].text), line, pass(words, 2, "tp"), pass(words, 5, "tp"), pass(words, 8, "dp")});
  }

  Pass pass(const std::vector<Word>& words, std::size_t first, const std::string& usual_group) {
    constexpr std::int64_t longest = 1'000'000'000'000'000;  // ns: eleven days
    Pass pass{.time = Seconds(1e-9 * static_cast<double>(number(words[first], 0, longest))),
              .kind = CollectiveKind::all_reduce,
              .group = {},
              .bytes = Bytes(number(words[first + 2], 0, std::int64_t{1} << 53))};
    read_collective(words[first + 1], usual_group, pass);
    return pass;
  }

  void read_collective(const Word& word, const std::string& usual_group, Pass& pass) {
    if (word.text == "NONE") return;
    static constexpr std::array<std::pair<std::string_view, CollectiveKind>, 4> kinds{
        {{"ALLREDUCE", CollectiveKind::all_reduce},
         {"ALLGATHER", CollectiveKind::all_gather},
         {"REDUCESCATTER", CollectiveKind::reduce_scatter},
         {"ALLTOALL", CollectiveKind::all_to_all}}};
    const auto underscore = word.text.find('_');
    const auto kind = std::ranges::find(kinds, word.text.substr(0, underscore), &decltype(kinds)::value_type::first);
    const std::string_view group = underscore == word.text.npos ? "" : word.text.substr(underscore + 1);
    const bool group_is_known = group.empty() || group == "EP" || group == "DP_EP" || group == "DP" || group == "TP";
    if (kind == kinds.end() || !group_is_known)
      return problem(word,
                     fmt::format("\"{}\" is no collective; NONE, ALLREDUCE, ALLGATHER, REDUCESCATTER or ALLTOALL, "
                                 "alone or with _TP, _DP, _EP or _DP_EP, would be right",
                                 word.text));
    pass.kind = kind->second;
    pass.group = usual_group;
    if (!group.empty()) pass.group = group == "EP" ? "ep" : group == "DP_EP" ? "dp_ep" : group == "DP" ? "dp" : "tp";
  }

  const std::string& file_;
  Issues& issues_;
};

/// Rows in the order in which SimAI's state machine runs them.
class TaskWriter {
 public:
  std::vector<Task> write(const std::vector<Row>& rows) {
    for (const Row& row : rows) last_ = collective(row, row.forward, compute(row, row.forward, last_));
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) write_backward(*row);
    return std::move(tasks_);
  }

 private:
  using Ids = std::vector<std::uint64_t>;

  void write_backward(const Row& row) {
    const Ids gradient = compute(row, row.input_gradient, last_);
    Ids passed_on = collective(row, row.input_gradient, gradient);
    const Ids weights = compute(row, row.weight_gradient, gradient);
    collective(row, row.weight_gradient, weights);
    passed_on.insert(passed_on.end(), weights.begin(), weights.end());
    last_ = passed_on;
  }

  Ids compute(const Row& row, const Pass& pass, const Ids& after) {
    Task task = task_of(row, TaskKind::compute, after);
    task.duration = pass.time;
    return add(std::move(task));
  }

  Ids collective(const Row& row, const Pass& pass, const Ids& after) {
    if (pass.group.empty()) return after;
    Task task = task_of(row, TaskKind::collective, after);
    task.collective = pass.kind;
    task.bytes = pass.bytes;
    task.communicator = pass.group;
    return add(std::move(task));
  }

  Task task_of(const Row& row, TaskKind kind, const Ids& after) const {
    Task task;
    task.id = tasks_.size();
    task.name = row.name;
    task.kind = kind;
    task.waits_for = after;
    task.place = row.line;
    return task;
  }

  Ids add(Task task) {
    tasks_.push_back(std::move(task));
    return {tasks_.back().id};
  }

  std::vector<Task> tasks_;
  Ids last_;
};

void check_plan(const Plan& plan, const std::string& file, Issues& issues) {
  const auto problem = [&](const std::string& message) { issues.error({file, 1, 1}, "", message); };
  if (plan.ranks % (plan.tensor * plan.pipeline) != 0)
    problem(fmt::format("model_parallel_NPU_group x pp = {} x {} doesn't divide {} GPUs", plan.tensor, plan.pipeline,
                        plan.ranks));
  else if (plan.data() % plan.expert != 0)
    problem(fmt::format("ep {} doesn't divide the {} data-parallel ranks of a stage", plan.expert, plan.data()));
  if (plan.pipeline > 1)
    issues.warning({file, 1, 1}, "",
                   fmt::format("the rows are one stage's work: neither the messages between its {} stages "
                               "nor the pipeline's bubble is in the result",
                               plan.pipeline));
}

std::map<std::string, Communicator> groups_of(const Plan& plan) {
  const auto regular = [](std::int64_t stride, std::int64_t size) { return Communicator{{}, stride, size}; };
  return {{"tp", regular(1, plan.tensor)},
          {"dp", regular(plan.tensor, plan.data())},
          {"ep", regular(plan.tensor, plan.expert)},
          {"dp_ep", regular(plan.tensor * plan.expert, plan.data() / plan.expert)}};
}

}  // namespace

std::optional<Trace> read_simai(std::string_view text, const std::string& file, std::int64_t ranks, Issues& issues) {
  Issues found;
  Reader reader(file, found);
  const bool read = reader.read(text);
  if (ranks > 0) reader.plan.ranks = ranks;
  if (read) check_plan(reader.plan, file, found);
  add_first(issues, found, file);
  if (found.has_errors()) return std::nullopt;
  Trace trace{.recorded = {link({file, "line"}, TaskWriter().write(reader.rows), issues)},
              .communicators = groups_of(reader.plan),
              .ranks = reader.plan.ranks};
  return trace;
}

}  // namespace plenum::workload
