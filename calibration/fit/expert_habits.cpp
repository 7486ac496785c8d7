#include "calibration/fit/expert_habits.hpp"

#include <utility>
#include <vector>

namespace plenum::calibration {

ExpertHabits find_habits(const std::function<double(const ExpertHabits&)>& misfit) {
  // A block needs 0.1 to 0.5 us for 64 columns, by generation and format.
  static const std::vector<std::pair<double ExpertHabits::*, std::vector<double>>> choices{
      {&ExpertHabits::computed, {1}},
      {&ExpertHabits::unrouted, {0.25, 0.5, 0.75, 1}},
      {&ExpertHabits::step, {0.001, 0.002, 0.004, 0.008}}};
  ExpertHabits best;
  double least = misfit(best);
  for (const auto& [habit, values] : choices) {
    const ExpertHabits before = best;
    for (const double value : values) {
      ExpertHabits other = before;
      other.*habit = value;
      if (const double found = misfit(other); found < least) least = found, best = other;
    }
  }
  return best;
}

}  // namespace plenum::calibration
