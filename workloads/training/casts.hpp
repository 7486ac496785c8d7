// Casts of operands in a layer's list of operations. Transformer Engine's (Casts::cached) stand in quantization.hpp.
// torchao's, with one scale per tensor (float8_linear.py, float8_ops.py, roofline_utils.py): the largest value of an
// operand is looked for, then it is cast, once for all products of a pass; products read rows, so that transposed uses
// get a copy, which the same kernel writes when it is compiled. Compiled as well, a kernel that computes an operand
// point by point or row by row looks for its largest value on the way; attention's does not, nor does anybody for
// weights. With a scale per row (and wherever products cast for themselves) the three products of a matrix cast both
// operands each, from 16 bits.
#pragma once

#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

/// A cast in a kernel of its own; nothing in 16 bits. The tensor was written point by point.
void quantize(RankWork&, std::string_view name, std::int64_t elements);
/// The same behind attention, whose kernel does nothing on the way.
void quantize_attended(RankWork&, std::string_view name, std::int64_t elements);
/// The same after a norm: nothing when it is part of that kernel.
void quantize_normed(RankWork&, std::string_view name, std::int64_t elements);

/// Before a product of so many elements of weights, and before the two products of its backward pass; nothing when
/// weights are cast once a step.
void quantize_weight(RankWork&, const RankWork::Matrix&);
void quantize_again(RankWork&, const RankWork::Matrix&, std::int64_t rows);

}  // namespace plenum::workload
