// A replica that takes one request at a time is a queue with one server, and with Poisson arrivals the mean wait has a
// closed form (Pollaczek-Khinchine; Kleinrock, Queueing Systems I, 1975, 5.6): rate x E[S^2] / (2 (1 - u)). Equal
// services are M/D/1, exponential ones M/M/1.
#include <gtest/gtest.h>

#include <cmath>

#include "fork.hpp"
#include "sim/datacenter/serving/served.hpp"

namespace plenum::datacenter {
namespace {

constexpr double utilization = 0.7;
constexpr std::size_t batches = 40;

scenario::ServingJob one_server() {
  scenario::ServingJob job;
  job.model_name = "GPT3-1.3B";
  job.replicas = 1;
  job.max_sequences = 1;
  job.requests.prompt = {.tokens = 512};
  return job;
}

std::vector<RequestRecord> run(const scenario::ServingJob& job) {
  const auto without_front_end = [](workload::EngineProfile& engine) {  // a queue before the one that is looked at
    engine.front_end = engine.prompt_token_host = Seconds(0);
  };
  return test::served(job, 3, without_front_end).requests;
}

double request_host() {
  Issues issues;
  return workload::find_engine("vllm", issues)->request_host.value();
}

/// Mean time that one request takes on the server, by itself.
double service(scenario::ServingJob job) {
  job.requests.per_second = 1e-3;
  job.requests.count = 5000;
  return test::in_child([&] {
           double sum = 0;
           const auto requests = run(job);
           for (const auto& r : requests) sum += (r.done - r.arrival).value() - request_host();
           return std::vector{sum / static_cast<double>(requests.size())};
         })
      .front();
}

/// Waits and services in order, from the times of a first-come-first-served server.
struct Queue {
  double wait = 0, wait_error = 0, service = 0, service_square = 0, rate = 0;
  double expected_wait() const { return rate * service_square / (2 * (1 - rate * service)); }
};

std::vector<double> observe(const scenario::ServingJob& job) {
  const auto requests = run(job);
  std::vector<double> batch(batches), sums(3);
  double free_at = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const double ready = requests[i].arrival.value() + request_host(), begin = std::max(ready, free_at);
    free_at = requests[i].done.value();
    const double wait = begin - ready, time = free_at - begin;
    batch[i * batches / requests.size()] += wait * batches / static_cast<double>(requests.size());
    sums[0] += wait;
    sums[1] += time;
    sums[2] += time * time;
  }
  const auto n = static_cast<double>(requests.size());
  double variance = 0;
  for (const double mean : batch) variance += std::pow(mean - sums[0] / n, 2) / (batches * (batches - 1));
  return {sums[0] / n, std::sqrt(variance), sums[1] / n, sums[2] / n, n / requests.back().arrival.value()};
}

Queue queue_of(scenario::ServingJob job) {
  job.requests.per_second = utilization / service(job);
  job.requests.count = 60000;
  const auto numbers = test::in_child([&] { return observe(job); });
  return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
}

// 99 % of a Student distribution with 39 degrees of freedom lie within 2.71 standard errors of the batch means.
TEST(QueueLimits, MD1) {
  auto job = one_server();
  job.requests.output = {.tokens = 1};
  const Queue queue = queue_of(job);
  EXPECT_NEAR(queue.service_square, queue.service * queue.service, 1e-6 * queue.service_square);
  EXPECT_NEAR(queue.rate * queue.service, utilization, 0.02);
  EXPECT_NEAR(queue.wait, queue.expected_wait(), 2.71 * queue.wait_error);
}

TEST(QueueLimits, MG1WithTheVariationOfMM1) {
  auto job = one_server();
  job.requests.output = {
      .kind = workload::LengthKind::log_normal, .tokens = 200, .maximum = 1500, .coefficient_of_variation = 1.1};
  const Queue queue = queue_of(job);
  EXPECT_NEAR(queue.service_square / (queue.service * queue.service), 2, 0.2);
  EXPECT_NEAR(queue.wait, queue.expected_wait(), 2.71 * queue.wait_error);
}

}  // namespace
}  // namespace plenum::datacenter
