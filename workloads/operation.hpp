// Units of work that a rank does, in shapes and bytes: what is computed and moved, never how long it takes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/core/collective.hpp"
#include "sim/core/memory_kernel.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::workload {

/// What the time is booked under in the breakdown.
enum class Family : std::uint8_t {
  matrix_product,
  attention,
  norm,
  activation,
  embedding,
  loss,
  sharding,  ///< copies out of gathered parameters, and of gradients into what is reduced
  optimizer,
  communication
};
inline constexpr std::array<std::string_view, 9> family_names{
    "matrix_product", "attention", "norm", "activation", "embedding", "loss", "sharding", "optimizer", "communication"};

/// C[m,n] = A[m,k] B[k,n], `batch` times with different operands.
struct MatrixProduct {
  std::int64_t m = 0, n = 0, k = 0, batch = 1;
  Precision precision = Precision::bf16;
};

/// `groups` products of (m x k) with (k x n), each with operands of its own: experts. `m` is the mean.
struct GroupedProduct {
  std::int64_t groups = 0, m = 0, n = 0, k = 0;
  Precision precision = Precision::bf16;
  bool separate = false;  ///< a kernel for each, not one for all
};

/// Which fused attention kernel the software has: the architecture's own (FlashAttention-3, cuDNN), FlashAttention-2,
/// or the first one in Triton, which ALiBi needed until late 2023.
enum class AttentionKernel : std::uint8_t { native, flash_attention_2, flash_attention_triton };
enum class AttentionPass : std::uint8_t { forward, backward };

/// Fused scaled-dot-product attention over whole sequences. Causal: half of the score matrix is computed.
struct Attention {
  std::int64_t batch = 0, heads = 0, kv_heads = 0, query_length = 0, kv_length = 0, head_dim = 0;
  bool causal = true;
  AttentionPass pass = AttentionPass::forward;
  Precision precision = Precision::bf16;
  AttentionKernel kernel = AttentionKernel::native;
};

/// A kernel that is limited by memory: `bytes` read and written, in `launches` kernels.
struct MemoryBound {
  Bytes bytes{};
  std::int64_t launches = 1;
  MemoryKernel kernel = MemoryKernel::stream;
  bool fused = true;  ///< else PyTorch's eager kernels, one per arithmetic operation
};

using plenum::collective_names;
using plenum::CollectiveKind;

/// Who communicates. `data` means data x context: who reduces gradients and shares the optimizer. `embedding`: the
/// first and last stage of one pipeline, which hold copies of tied embeddings. `expert`: ranks that hold different
/// experts of a layer; `expert_tensor`: that share each of their matrices; `expert_data`: that hold the same experts.
/// Hybrid sharding divides `data`: `shard` holds one copy of the states, `copies` holds the same part of each copy.
enum class GroupDimension : std::uint8_t {
  tensor,
  context,
  data,
  pipeline,
  embedding,
  expert,
  expert_tensor,
  expert_data,
  shard,
  copies
};
inline constexpr std::size_t group_dimensions = 10;

/// `bytes` is the size of the whole buffer as nccl-tests counts it: all_reduce - the buffer of each rank; all_gather -
/// the gathered output; reduce_scatter - the input; all_to_all -
/// what each rank sends, its own part included; send_receive - the message.
struct Communication {
  CollectiveKind kind = CollectiveKind::all_reduce;
  GroupDimension group = GroupDimension::tensor;
  Bytes bytes{};
  /// Runs beside its neighbour, which is the next product (attention for context groups) for an all_gather and the one
  /// before for reduce_scatter and all_reduce. Megatron always does so in backward for the input's all_gather and the
  /// input gradient's reduction, elsewhere with TrainingPlan::overlap_tensor.
  bool overlapped = false;
  double exposed = 0;  ///< share of it that nothing can be beside, although it is overlapped
};

struct Operation {
  std::string_view name;  ///< "qkv", "attention", "mlp_up", ... (static storage)
  Family family = Family::matrix_product;
  std::variant<MatrixProduct, GroupedProduct, Attention, MemoryBound, Communication> work;
  std::int64_t count = 1;  ///< how often, one after the other
};
using Operations = std::vector<Operation>;

/// 2 m n k; 4 b h sq skv d forward (half when causal), 2.5 x that backward; 0 for the rest.
Flops flops_of(const Operation&);

}  // namespace plenum::workload
