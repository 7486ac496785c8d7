#include "calibration/fit/kernel_habits.hpp"

#include <utility>
#include <vector>

namespace plenum::calibration {
namespace {

using Choices = std::vector<std::pair<double KernelHabits::*, std::vector<double>>>;

const Choices& choices_of(KernelFamily family) {
  // A block needs 0.1 to 0.5 us for 64 columns, by generation and format. Grouped products look at every group: a
  // token takes TensorRT-LLM 117 us on an H200 with 256 block-scaled experts, 67 with 128, 42 with 64, 27 with 16.
  static const Choices experts{{&KernelHabits::computed, {1}},
                               {&KernelHabits::unrouted, {0.25, 0.5, 0.75, 1}},
                               {&KernelHabits::expert, {0.05, 0.1, 0.2, 0.3, 0.4}},
                               {&KernelHabits::step, {0.001, 0.002, 0.004, 0.008}}};
  static const Choices layers{{&KernelHabits::empty_row, {0.5, 1, 1.5}}}, none;
  switch (family) {
    case KernelFamily::moe:
    case KernelFamily::moe_skewed:
      return experts;
    case KernelFamily::linear_layer:
      return layers;
    default:
      return none;
  }
}

}  // namespace

KernelHabits find_habits(KernelFamily family, const std::function<double(const KernelHabits&)>& misfit) {
  const Choices& choices = choices_of(family);
  KernelHabits best;
  double least = misfit(best);
  for (const auto& [habit, values] : choices) {
    const KernelHabits before = best;
    for (const double value : values) {
      KernelHabits other = before;
      other.*habit = value;
      if (const double found = misfit(other); found < least) least = found, best = other;
    }
  }
  return best;
}

}  // namespace plenum::calibration
