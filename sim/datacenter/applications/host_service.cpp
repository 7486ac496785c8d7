#include "sim/datacenter/applications/host_service.hpp"

#include <array>

#include "workloads/serving/gamma.hpp"

namespace plenum::datacenter {

HostService::HostService(const scenario::TimedService& service, engine::Engine& engine)
    : engine_(engine), amount_(service.time.value()), variation_(service.coefficient_of_variation), rate_limit_(1) {
  if (service.servers > 0) shared_ = engine.add_resource(static_cast<double>(service.servers));
}

HostService::HostService(const scenario::VectorSearch& search, engine::Engine& engine)
    : engine_(engine),
      amount_(search.bytes() * search.scanned),
      latency_(search.latency),
      shared_(engine.add_resource(static_cast<double>(search.hosts) * search.bandwidth.value())) {}

double HostService::draw(RandomStream& random) const {
  if (variation_ == 0) return amount_;
  const double square = variation_ * variation_;
  return workload::draw_gamma(1 / square, random) * amount_ * square;
}

void HostService::pass(RandomStream& random, engine::Callback then) {
  const double amount = draw(random);
  if (!shared_) {
    engine_.after(latency_ + Seconds(amount), std::move(then));
    return;
  }
  const std::array uses{engine::Use{*shared_}};
  engine_.start({.amount = amount, .latency = latency_, .uses = uses, .rate_limit = rate_limit_}, std::move(then));
}

}  // namespace plenum::datacenter
