#include "sim/datacenter/generation/picture_deployment.hpp"

#include <algorithm>

namespace plenum::datacenter {

PictureDeployment::PictureDeployment(const scenario::Bound& bound, const scenario::BoundGeneration& job,
                                     engine::Engine& engine, const Options& options)
    : bound_(bound),
      job_(job),
      engine_(engine),
      prices_(bound, job),
      arrivals_(job.arrivals, options.seed),
      router_(make_router(job.router, options.seed)),
      replicas_(static_cast<std::size_t>(job.replicas)),
      ahead_(static_cast<std::size_t>(job.replicas)) {
  result_.job = job.name;
  result_.alone = prices_.time_of(1);
  result_.footing = prices_.footing();
}

void PictureDeployment::begin() {
  if (job_.arrivals.concurrency == 0) return schedule_next_arrival();
  for (std::int64_t i = 0; i < job_.arrivals.concurrency && !all_came(); ++i) enter();
}

void PictureDeployment::schedule_next_arrival() {
  engine_.after(std::max(arrivals_.next() - engine_.now(), Seconds(0)), [this] {
    enter();
    if (!all_came()) return schedule_next_arrival();
    result_.waiting_at_last_arrival = static_cast<std::int64_t>(result_.pictures.size() - done_);
  });
}

void PictureDeployment::enter() {
  const std::size_t id = result_.pictures.size();
  result_.pictures.push_back({engine_.now(), {}, {}});
  const std::size_t replica = router_->choose({{}, ahead_}, {});
  ++ahead_[replica];
  replicas_[replica].waiting.push_back(id);
  if (!replicas_[replica].busy) start_batch(replica);
}

void PictureDeployment::start_batch(std::size_t index) {
  PictureReplica& replica = replicas_[index];
  const auto most = static_cast<std::size_t>(job_.plan.most_pictures);
  const auto end = replica.waiting.begin() + static_cast<std::ptrdiff_t>(std::min(most, replica.waiting.size()));
  std::vector<std::size_t> batch(replica.waiting.begin(), end);
  replica.waiting.erase(replica.waiting.begin(), end);
  replica.busy = true;
  for (const std::size_t id : batch) result_.pictures[id].start = engine_.now();
  const auto first_gpu = job_.first_gpu + static_cast<std::int64_t>(index) * job_.plan.gpus();
  const Seconds time =
      bound_.slowdown(first_gpu, job_.plan.gpus()) * prices_.time_of(static_cast<std::int64_t>(batch.size())).total();
  ++result_.batches;
  result_.busy_seconds += time.value();
  engine_.after(time, [this, index, batch = std::move(batch)] { finish_batch(index, batch); });
}

void PictureDeployment::finish_batch(std::size_t index, const std::vector<std::size_t>& batch) {
  PictureReplica& replica = replicas_[index];
  replica.busy = false;
  ahead_[index] -= static_cast<std::int64_t>(batch.size());
  done_ += batch.size();
  for (const std::size_t id : batch) result_.pictures[id].done = engine_.now();
  if (job_.arrivals.concurrency > 0)
    for (std::size_t i = 0; i < batch.size() && !all_came(); ++i) enter();
  if (!replica.busy && !replica.waiting.empty()) start_batch(index);
}

GenerationResult PictureDeployment::result() {
  if (done_ != result_.pictures.size() || !all_came())
    throw SimulationFailed("pictures of \"" + job_.name + "\" were never finished");
  for (const PictureRecord& picture : result_.pictures) result_.end = std::max(result_.end, picture.done);
  return std::move(result_);
}

}  // namespace plenum::datacenter
