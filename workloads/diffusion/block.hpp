// The matrices of a diffusion transformer's blocks and of what stands before and after them: parameters, work and
// memory are all counted from these lists.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "workloads/model.hpp"

namespace plenum::workload {

/// What a matrix multiplies: a vector per sample (modulation), the patches, the text, or both in one stream.
enum class Rows : std::uint8_t { sample, patches, text, both };
/// Over tensor-parallel ranks: by columns, by rows, or whole on every rank.
enum class Split : std::uint8_t { columns, rows, whole };

struct BlockMatrix {
  std::string_view name, input_gradient, weight_gradient;
  std::int64_t in = 0, out = 0;
  Rows rows = Rows::patches;
  Split split = Split::whole;
  bool normalized = false;     ///< its input comes out of a modulated norm
  std::int64_t activated = 0;  ///< of its input's columns, those that come out of an activation
  std::int64_t parameters() const { return (in + 1) * out; }  ///< with a bias, as all have
};

/// Of one block; sizes before tensor parallelism.
std::vector<BlockMatrix> block_matrices(const Transformer&, Mixer);

/// Elements of a block that belong to no matrix: norms of queries and keys, the norm before cross attention, the table
/// that is added to a shared modulation.
std::int64_t block_vectors(const Transformer&, Mixer);

/// Matrices before the first block (patches, text, time, guidance, the pooled text, the refiner of the text) and behind
/// the last one.
std::vector<BlockMatrix> input_matrices(const Transformer&);
std::vector<BlockMatrix> output_matrices(const Transformer&);
/// Elements before the first and behind the last block, with what belongs to no matrix.
std::int64_t input_parameters(const Transformer&);
std::int64_t output_parameters(const Transformer&);

/// Rows of one sample.
std::int64_t rows_of(const Diffusion&, Rows);

/// Multiplications and additions of one sample's forward pass: 2 x elements x rows of every matrix, and of attention
/// 4 x heads x head_dim x queries x keys, of which none is masked.
double forward_flops(const Transformer&, Mixer);  ///< of one block
double forward_flops(const Transformer&);         ///< of the whole model

}  // namespace plenum::workload
