// The same function for many inputs, each in a process of its own: one simulation per process, and a crash is one
// result that is missing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace plenum::analysis {

struct Forked {
  std::string output;   ///< what the task returned
  std::string failure;  ///< why it returned nothing; empty when it did
};

struct ForkedLimits {
  int processes = 1;       ///< at once
  unsigned seconds = 300;  ///< of wall time for one task
};

/// task(0) ... task(count - 1), in forked children; `progress(done, count)` in this process after each one. Throws
/// std::system_error when the machine refuses pipes or processes.
std::vector<Forked> run_forked(std::size_t count, const std::function<std::string(std::size_t)>& task,
                               const std::function<void(std::size_t, std::size_t)>& progress, ForkedLimits);

}  // namespace plenum::analysis
