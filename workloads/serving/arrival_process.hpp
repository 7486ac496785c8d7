// When requests come, drawn.
#pragma once

#include "sim/core/random.hpp"
#include "workloads/serving/request_specification.hpp"

namespace plenum::workload {

class ArrivalProcess {
 public:
  ArrivalProcess(const RequestSpecification&, std::uint64_t seed);
  /// Never goes back. Without a rate all come at the start.
  Seconds next();

 private:
  double gap();
  double diurnal();
  double on_off();

  RequestSpecification specification_;
  RandomStream random_;
  double time_ = 0;
};

}  // namespace plenum::workload
