// The operations of layers of one kind in a forward pass, fused as serving engines fuse them.
#pragma once

#include "workloads/serving/forward.hpp"

namespace plenum::workload {

/// Layers scaled in blocks are timed together with the cast of their activations, the kernel that finds the scales;
/// elsewhere the norm before writes them cast, or a kernel of its own.
constexpr bool cast_with_product(Precision p) { return p == Precision::fp8_block || p == Precision::nvfp4; }

class LayerOperations {
 public:
  /// Appends to `operations`, `count` times each.
  LayerOperations(const Transformer&, const ServingPlan&, StepTokens, std::int64_t count, Operations& operations);

  void add_mixer(Mixer);
  void add_mlp(Mlp);

 private:
  void add_attention();
  void add_latent_attention();
  void add_qk_norm(std::int64_t queries, std::int64_t keys);
  void add_state_space();
  void add_state_space_input();
  void add_post_norm();
  struct DenseNames {
    std::string_view up = "mlp up", activation = "activation", down = "mlp down";
  };
  void add_dense(std::int64_t ffn, DenseNames names);
  void add_experts();

  void product(std::string_view name, std::int64_t n, std::int64_t k, Precision);
  void linear(std::string_view name, std::int64_t n, std::int64_t k) { product(name, n, k, plan_.precision); }
  void attention_input(std::string_view name, std::int64_t n, std::int64_t k) {
    product(name, n, k, plan_.attention_input());
  }
  /// A fused kernel that reads and writes so many bf16 elements per token.
  void elementwise(std::string_view name, Family, std::int64_t elements);
  /// Activations in the format of the product that follows, when the kernel before does not write it.
  void quantize(std::int64_t elements, Precision);
  void quantize(std::int64_t elements) { quantize(elements, plan_.precision); }
  void communicate(std::string_view name, CollectiveKind, GroupDimension, std::int64_t tokens);
  std::int64_t shared(std::int64_t amount) const;  ///< over the GPUs of an attention rank

  const Transformer& model_;
  const ServingPlan& plan_;
  const StepTokens step_;
  const std::int64_t count_;
  Operations& operations_;
};

}  // namespace plenum::workload
