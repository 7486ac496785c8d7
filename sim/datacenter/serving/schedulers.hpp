// The policies there are.
#pragma once

#include "sim/datacenter/serving/admission.hpp"

namespace plenum::datacenter {

class MixedScheduler final : public Admission {
 public:
  using Admission::Admission;
  void plan(RankState&, RankStep&) const override;
};

class PrefillFirstScheduler final : public Admission {
 public:
  using Admission::Admission;
  void plan(RankState&, RankStep&) const override;
};

}  // namespace plenum::datacenter
