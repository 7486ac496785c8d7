// What an application's requests went through, before anybody interprets it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/quantity.hpp"

namespace plenum::datacenter {

struct ApplicationRecord {
  /// first_token: when the user sees something of the answer; `done` itself where stages follow that writes it.
  Seconds arrival{}, first_token{}, done{};
  std::int32_t query = 0, answer = 0;  ///< tokens
  std::int64_t context = 0;            ///< tokens of the session at the end
  std::int32_t calls = 0;              ///< of models
  std::int32_t ended_by = -1;          ///< stage that blocked it, or whose model refused it; -1: all were passed
  bool blocked = false;
  bool follows = false;  ///< another turn of its session
  bool complete() const { return ended_by < 0; }
};

struct StageCounters {
  std::vector<double> times;  ///< seconds, of every passage
  std::vector<double> ends;   ///< when each was over, ascending
  std::int64_t calls = 0;     ///< of the model that were served
  double prompt_tokens = 0, output_tokens = 0;
};

struct ApplicationResult {
  std::string job;
  std::vector<ApplicationRecord> requests;
  std::vector<double>
      waited;  ///< seconds that a request waited for a stage: by request, then by stage; they sum to its time
  std::vector<StageCounters> stages;
  Seconds end{};
};

}  // namespace plenum::datacenter
