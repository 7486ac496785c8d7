// A config.json of another project, read as a model: what came of it, and what was said.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "sim/core/json.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

struct ConfigOutcome {
  std::optional<Transformer> model;
  std::vector<std::string> issues;
};

inline ConfigOutcome read(const std::string& text) {
  Issues issues;
  const auto config = json::parse(text, "config.json", issues);
  EXPECT_TRUE(config);
  ConfigOutcome outcome;
  if (config) outcome.model = from_hugging_face(*config, "/model", issues);
  for (const Issue& issue : issues.all()) outcome.issues.push_back(to_string(issue));
  return outcome;
}

}  // namespace plenum::workload
