#include "sim/datacenter/serving/arrivals.hpp"

#include <algorithm>
#include <utility>

namespace plenum::datacenter {

Arrivals::Arrivals(engine::Engine& engine, std::unique_ptr<workload::RequestStream> stream, std::int64_t concurrency,
                   Enter enter)
    : engine_(engine), stream_(std::move(stream)), concurrency_(concurrency), enter_(std::move(enter)) {}

void Arrivals::begin() {
  if (concurrency_ == 0) return schedule_next();
  for (std::int64_t i = 0; i < concurrency_; ++i) enter_next();
}

void Arrivals::schedule_next() {
  auto request = stream_->next();
  nothing_left_ = !request;
  if (!request) return;
  const Seconds delay = request->arrival - engine_.now();
  engine_.after(std::max(delay, Seconds(0)), [this, request = std::move(*request)] {
    enter_(request);
    schedule_next();
  });
}

void Arrivals::enter_next() {
  auto request = stream_->next();
  nothing_left_ = !request;
  if (request) enter_(std::move(*request));
}

void Arrivals::left(std::shared_ptr<const workload::FollowUp> then) {
  if (then) {
    ++sessions_to_come_;
    engine_.after(then->wait, [this, then] {
      --sessions_to_come_;
      enter_(then->request);
    });
  } else if (concurrency_ > 0) {
    enter_next();
  }
}

}  // namespace plenum::datacenter
