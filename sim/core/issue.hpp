// Expected failures are values: an Issue says where and what, Issues collects all of them before anybody gives up.
// An error reads:  cluster.json:8:17: error: /cluster/gpu: unknown GPU "H10O"; did you mean "H100-SXM"? (plenum list gpus)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenum {

struct Position {
  std::string file;
  int line = 0;  ///< from 1; 0 when the text has no position (a command-line option)
  int column = 0;
};

enum class Severity { error, warning };

struct Issue {
  Severity severity = Severity::error;
  Position where;
  std::string pointer;  ///< JSON pointer of the value, may be empty
  std::string message;  ///< what is wrong and what would be right, without a full stop
};

std::string to_string(const Issue&);

class Issues {
 public:
  void add(Issue issue) { issues_.push_back(std::move(issue)); }
  void error(Position where, std::string pointer, std::string message);
  void warning(Position where, std::string pointer, std::string message);
  bool has_errors() const;
  const std::vector<Issue>& all() const { return issues_; }
  void add_in_order(Issues others);  ///< in the order in which they stand in their files

 private:
  std::vector<Issue> issues_;
};

/// `; did you mean "X"?` for the nearest of `candidates` by edit distance, or nothing when none is near.
std::string suggestion(std::string_view written, const std::vector<std::string>& candidates);

/// Process exit codes, the same for every subcommand.
enum class ExitCode {
  done = 0,
  simulation_failed = 1,
  usage = 2,
  invalid_input = 3,
  gate_not_met = 4,
  no_calibration = 5,
  interrupted = 130
};

}  // namespace plenum
