// Casting operands of matrix products to 8 and 4 bits, as Transformer Engine does it: queries-keys-values, projection
// and MLP products are quantized; attention, embedding and head stay in 16 bits. Each cast writes two copies, one per
// direction in which products read the tensor (forward and backward).
//  * fp8: one scale per tensor. The cast is part of the norm kernels (LayerNormLinear); elsewhere, behind Megatron's
//    activations too, it is a kernel of its own.
//  * fp8_block, mxfp8, nvfp4: scales from the data itself, a kernel of its own everywhere; nvfp4 reads the tensor once
//    more for its second-level scale.
#pragma once

#include "sim/core/precision.hpp"
#include "workloads/training/plan.hpp"
#include "workloads/training/traffic.hpp"

namespace plenum::workload {

bool is_quantized(Precision);             ///< below 16 bits
double operand_bytes(Precision);          ///< one copy of an operand with its scales, per element
Traffic cast(Precision);                  ///< 16 bits to both copies
bool cast_is_fused_into_norm(Precision);  ///< norms write both copies instead of 16 bits
bool keeps_only_quantized(Precision);     ///< weights have no 16-bit copy beside the fp32 master (fp8_param_gather)

/// Of a plan, whatever casts it has: one copy of an operand that waits for the backward pass, per element; what of an
/// operand crosses between ranks of a tensor group; weights that one GPU holds.
double kept_operand_bytes(const TrainingPlan&);
double crossing_operand_bytes(const TrainingPlan&, Precision of_product);
double weight_bytes(const TrainingPlan&);     ///< of a matrix that is cast, all copies
bool gathers_quantized(const TrainingPlan&);  ///< sharded parameters, cast before they are gathered

}  // namespace plenum::workload
