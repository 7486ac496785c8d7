// Tasks linked into a program, and programs held against each other.
#pragma once

#include "sim/core/issue.hpp"
#include "workloads/traces/trace.hpp"

namespace plenum::workload {

/// How places in a file are called: "line", "node".
struct TraceFile {
  std::string name;
  std::string unit;
};

/// Orders and links the tasks of one file. Ids that occur twice, dependencies on tasks that don't exist, and cycles are
/// issues; kernels that wait for nothing are a warning, since converters are known to lose their edges.
std::shared_ptr<const Program> link(const TraceFile&, std::vector<Task>, Issues&);

/// The first errors of a file, and how many more there are.
void add_first(Issues& to, const Issues& found, const std::string& file);

/// The problem of a task, at its place.
void complain(Issues&, const TraceFile&, const Task&, std::string message);

}  // namespace plenum::workload
