#include "analysis/cost.hpp"

#include <fmt/format.h>

#include <cmath>

namespace plenum::analysis {
namespace {

constexpr double hour = 3600, month = 730 * hour, year = 365.25 * 86400, kilowatt_hour = 3.6e6;

Cost priced(Dollars per_step, const StepUse& use, std::string basis) {
  Cost cost{.per_step = per_step, .per_trillion_tokens = {}, .whole_run = {}, .basis = std::move(basis)};
  if (use.tokens <= 0) return cost;
  cost.per_trillion_tokens = per_step * (1e12 / use.tokens);
  cost.whole_run = per_step * (use.run_tokens / use.tokens);
  return cost;
}

Cost rented_by_gpu(const scenario::Rent& rent, const StepUse& use) {
  const auto gpus = static_cast<double>(use.gpus);
  return priced(gpus * (rent.per_gpu * use.step), use,
                fmt::format("rent ${:.2f}/GPU-hour", rent.per_gpu.value() * hour));
}

/// Instances are rented whole.
Cost rented_by_instance(const scenario::Rent& rent, const StepUse& use) {
  const double instances = std::ceil(static_cast<double>(use.gpus) / static_cast<double>(rent.gpus_per_instance));
  return priced(
      instances * (rent.per_instance * use.step), use,
      fmt::format("rent ${:.0f}/month per {} GPUs", rent.per_instance.value() * month, rent.gpus_per_instance));
}

/// Capital is spread over the seconds in use; energy is paid as drawn.
Cost owned(const scenario::Ownership& own, const StepUse& use) {
  const double capital_share = use.step / own.lifetime / own.utilization;
  const Dollars capital = own.per_gpu * (static_cast<double>(use.gpus) * capital_share);
  return priced(capital + own.electricity * use.energy, use,
                fmt::format("owned ${:.0f}/GPU over {:.1f} years + energy at ${:.3f}/kWh", own.per_gpu.value(),
                            own.lifetime.value() / year, own.electricity.value() * kilowatt_hour));
}

}  // namespace

std::vector<Cost> costs(const scenario::Economy& economy, const StepUse& use) {
  std::vector<Cost> found;
  if (economy.rent && economy.rent->per_gpu.value() > 0) found.push_back(rented_by_gpu(*economy.rent, use));
  if (economy.rent && economy.rent->per_instance.value() > 0) found.push_back(rented_by_instance(*economy.rent, use));
  if (economy.own) found.push_back(owned(*economy.own, use));
  return found;
}

}  // namespace plenum::analysis
