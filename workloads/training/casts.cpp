#include "workloads/training/casts.hpp"

#include "workloads/training/quantization.hpp"

namespace plenum::workload {

void quantize(RankWork& work, std::string_view name, std::int64_t elements) {
  if (is_quantized(work.layer_precision())) work.move(name, Family::activation, elements, cast(work.layer_precision()));
}

void quantize_normed(RankWork& work, std::string_view name, std::int64_t elements) {
  if (!cast_is_fused_into_norm(work.layer_precision())) quantize(work, name, elements);
}

}  // namespace plenum::workload
