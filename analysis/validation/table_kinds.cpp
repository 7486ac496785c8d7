// The catalogue of tables that `plenum validate` knows.
#include <array>

#include "analysis/validation/collective/collective_table.hpp"
#include "analysis/validation/collective/expert_table.hpp"
#include "analysis/validation/generation/generation_table.hpp"
#include "analysis/validation/proof/proof_table.hpp"
#include "analysis/validation/reinforcement/reinforcement_table.hpp"
#include "analysis/validation/serving/online_table.hpp"
#include "analysis/validation/serving/run_table.hpp"
#include "analysis/validation/serving/serving_table.hpp"
#include "analysis/validation/serving/throughput_table.hpp"
#include "analysis/validation/training/layer_table.hpp"
#include "analysis/validation/training/memory_table.hpp"
#include "analysis/validation/training/training_table.hpp"
#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

std::span<const TableKind> table_kinds() {
  static const std::array kinds{training_table(),           memory_table(),         layer_table(),
                                collective_table(),         expert_table(),         serving_table(),
                                serving_throughput_table(), serving_online_table(), serving_run_table(),
                                generation_table(),         reinforcement_table(),  proof_table()};
  return kinds;
}

}  // namespace plenum::analysis
