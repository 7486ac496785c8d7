#include "sim/datacenter/serving/arrivals.hpp"

#include <algorithm>
#include <utility>

namespace plenum::datacenter {

Arrivals::Arrivals(engine::Engine& engine, std::unique_ptr<workload::RequestStream> stream, Loop loop, Enter enter)
    : engine_(engine), stream_(std::move(stream)), loop_(loop), enter_(std::move(enter)) {}

void Arrivals::begin() {
  if (loop_.concurrency == 0) return schedule_next();
  fill();
}

void Arrivals::fill() {
  do enter_next();
  while (in_flight_ < loop_.concurrency && !at_barrier() && !nothing_left_);
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
  if (!request) return;
  ++entered_;
  ++in_flight_;
  enter_(std::move(*request));
}

void Arrivals::left(std::shared_ptr<const workload::FollowUp> then) {
  if (then) {
    ++sessions_to_come_;
    engine_.after(then->wait, [this, then] {
      --sessions_to_come_;
      enter_(then->request);
    });
  } else if (loop_.concurrency > 0) {
    --in_flight_;
    if (!at_barrier())
      enter_next();
    else if (in_flight_ == 0)
      fill();
  }
}

}  // namespace plenum::datacenter
