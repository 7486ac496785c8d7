// What requests go through before and after the model, one stage after the other: servers that share what comes.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/engine/engine.hpp"
#include "sim/scenario/serving_options.hpp"

namespace plenum::datacenter {

class Stages {
 public:
  Stages(const std::vector<scenario::Stage>&, scenario::StagePlace, engine::Engine&, std::uint64_t seed);

  /// Through all of them; at once when there are none.
  void pass(engine::Callback then) { pass(0, std::move(then)); }
  std::int64_t added_tokens() const;
  bool empty() const { return stages_.empty(); }

 private:
  struct Place {
    scenario::Stage stage;
    std::optional<engine::ResourceId> servers;
  };
  void pass(std::size_t first, engine::Callback then);
  double draw(const scenario::Stage&);

  engine::Engine& engine_;
  RandomStream random_;
  std::vector<Place> stages_;
};

}  // namespace plenum::datacenter
