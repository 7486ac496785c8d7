// An application joined to the jobs that serve its stages.
#pragma once

#include "sim/scenario/bind_jobs.hpp"

namespace plenum::scenario {

/// A stage of an application names that serving job, or may mean it: one that can't be read or names no serving job.
bool may_serve_applications(const Loaded&, const std::string& job);

/// What stages can name: the jobs as written, and those of them that serve, bound.
struct Servers {
  const Scenario& scenario;
  const std::vector<BoundServing>& serving;
};

/// Nothing with complaints: stages that nobody or several do, unknown names, loops that cross, an index larger than the
/// hosts' memory.
std::optional<BoundApplication> bind_application(const ApplicationJob&, const std::string& name, const Servers&,
                                                 const std::string& pointer, Complaints&);

}  // namespace plenum::scenario
