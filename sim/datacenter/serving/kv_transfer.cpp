#include "sim/datacenter/serving/kv_transfer.hpp"

#include <algorithm>
#include <memory>

#include "sim/datacenter/payload_efficiency.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::datacenter {
KvTransfer::KvTransfer(const scenario::Bound& bound, const scenario::BoundServing& job, engine::Engine& engine)
    : bound_(bound),
      job_(job),
      engine_(engine),
      bytes_per_token_(static_cast<double>(workload::kv_bytes_per_token(job.model, job.prefill->plan).value())),
      efficiency_(
          payload_efficiency(bound.device.specification.architecture, bound.specification.fabric.transport).network) {
  for (std::int64_t from = 0; from < job.prefill->replicas; ++from)
    for (std::int64_t to = 0; to < job.pool.replicas; ++to)
      lanes(static_cast<std::size_t>(from), static_cast<std::size_t>(to));
}

KvTransfer::Lane KvTransfer::lane(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> channels;
  bound_.network->route(from, to, 0, channels);
  std::ranges::sort(channels);
  Lane lane;
  for (const std::uint32_t channel : channels) {
    const auto properties = bound_.network->channel(channel);
    auto found = resources_.find(channel);
    if (found == resources_.end())
      found = resources_.emplace(channel, engine_.add_resource(efficiency_ * properties.bandwidth.value())).first;
    if (lane.uses.empty() || lane.uses.back().resource != found->second)
      lane.uses.push_back({found->second});
    else
      ++lane.uses.back().share;
    lane.latency += properties.latency;
  }
  return lane;
}

/// GPU i of the sender to GPU i of the receiver, and round again when that has fewer.
std::vector<KvTransfer::Lane> KvTransfer::lanes(std::size_t from_replica, std::size_t to_replica) {
  const std::int64_t senders = job_.prefill->plan.tensor_parallel, receivers = job_.pool.plan.gpus();
  const std::int64_t from =
      job_.prefill->first_gpu + static_cast<std::int64_t>(from_replica) * job_.prefill->plan.gpus();
  const std::int64_t to = job_.pool.first_gpu + static_cast<std::int64_t>(to_replica) * receivers;
  std::vector<Lane> all;
  for (std::int64_t i = 0; i < senders; ++i)
    all.push_back(lane(static_cast<std::uint32_t>(from + i), static_cast<std::uint32_t>(to + i % receivers)));
  return all;
}

void KvTransfer::start(std::size_t from_replica, std::size_t to_replica, std::int64_t tokens,
                       engine::Callback when_done) {
  const auto all = lanes(from_replica, to_replica);
  const auto left = std::make_shared<std::size_t>(all.size());
  for (const Lane& lane : all)
    engine_.start(
        {.amount = bytes_per_token_ * static_cast<double>(tokens), .latency = lane.latency, .uses = lane.uses},
        [left, when_done] {
          if (--*left == 0) when_done();
        });
}

}  // namespace plenum::datacenter
