// Names and bases in a scenario replaced by what they mean, as JSON, so that one reader checks the whole.
#pragma once

#include <filesystem>
#include <string>

#include "sim/core/json.hpp"

namespace plenum::scenario {

/// Members of `over` replace those of `base`, objects member by member.
json::Value laid_over(json::Value base, const json::Value& over);

/// `cluster` and every model that is an object, in place. `folder` is where paths in the scenario start. Pointers of
/// what can't be resolved are returned; issues hold the reason, and what the user added to the base stays.
std::vector<std::string> resolve_bases(json::Value& scenario, const std::filesystem::path& folder, Issues&);

/// `--set`, where a pointer may lead into what a name stands for: "/cluster/nodes=4" on "cluster": "DGX-H100".
bool assign(json::Value& scenario, const std::string& assignment, Issues&);

}  // namespace plenum::scenario
