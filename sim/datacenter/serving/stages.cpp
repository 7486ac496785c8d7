#include "sim/datacenter/serving/stages.hpp"

#include <array>

#include "workloads/serving/gamma.hpp"

namespace plenum::datacenter {

Stages::Stages(const std::vector<scenario::Stage>& all, scenario::StagePlace place, engine::Engine& engine,
               std::uint64_t seed)
    : engine_(engine), random_(seed, place == scenario::StagePlace::before ? "stages before" : "stages after") {
  for (const auto& stage : all) {
    if (stage.place != place) continue;
    stages_.push_back({stage, {}});
    if (stage.servers > 0) stages_.back().servers = engine.add_resource(static_cast<double>(stage.servers));
  }
}

std::int64_t Stages::added_tokens() const {
  std::int64_t tokens = 0;
  for (const auto& place : stages_) tokens += place.stage.adds_tokens;
  return tokens;
}

double Stages::draw(const scenario::Stage& stage) {
  const double variation = stage.coefficient_of_variation, mean = stage.time.value();
  if (variation == 0) return mean;
  return workload::draw_gamma(1 / (variation * variation), random_) * mean * variation * variation;
}

/// A request takes one server at most; when more come than there are servers, all go slower alike.
void Stages::pass(std::size_t first, engine::Callback then) {
  if (first == stages_.size()) return then();
  const Place& place = stages_[first];
  const double time = draw(place.stage);
  auto next = [this, first, then = std::move(then)] { pass(first + 1, then); };
  if (!place.servers) {
    engine_.after(Seconds(time), std::move(next));
    return;
  }
  const std::array uses{engine::Use{*place.servers}};
  engine_.start({.amount = time, .latency = {}, .uses = uses, .rate_limit = 1}, std::move(next));
}

}  // namespace plenum::datacenter
