#include "workloads/training/encoder.hpp"

#include <fmt/format.h>

#include <cmath>

#include "workloads/training/activations.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/rank_work.hpp"

namespace plenum::workload {
namespace {

/// The plan as the encoder's layers see it: their sequences are the images of a micro-batch.
TrainingPlan plan_of_tower(const Transformer& model, TrainingPlan plan) {
  plan.micro_batch *= plan.images;
  plan.sequence_length = model.vision->sequence();
  plan.context_parallel = 1;
  plan.sequence_parallel = false;
  plan.precision = plan.precision == Precision::fp16 ? Precision::fp16 : Precision::bf16;
  return plan;
}

bool trains_tower(const TrainingPlan& plan) { return !plan.frozen_vision && plan.adapter_rank == 0; }

/// A micro-batch of images on one rank.
class Encoder {
 public:
  Encoder(const Transformer& model, const TrainingPlan& plan)
      : vision_(*model.vision),
        tower_(running_tower_of(vision_)),
        plan_(plan_of_tower(model, plan)),
        trained_(trains_tower(plan)),
        work_(tower_, plan_),
        patches_(plan_.micro_batch * vision_.patches()),
        tokens_(plan_.micro_batch * vision_.tokens()) {}

  Operations forward() && {
    work_.product("patch_embedding", patches_, vision_.hidden, vision_.patch_in(), plan_.precision);
    if (vision_.positions > 0) move("add_positions", Family::embedding, rows() * vision_.hidden, add());
    outer_norms(norm_forward(tower_.norm, plan_.fused_kernels));
    for (const auto& [kind, count] : tower_.layer_counts()) append(layer_forward(tower_, plan_, kind), count);
    for (std::int64_t level = 0; level <= vision_.further_levels; ++level) project();
    return std::move(work_.operations);
  }

  Operations backward() && {
    if (plan_.adapter_rank > 0) return {};
    for (std::int64_t level = 0; level <= vision_.further_levels; ++level) project_back();
    if (!trained_) return std::move(work_.operations);
    for (const auto& [kind, count] : tower_.layer_counts()) append(layer_backward(tower_, plan_, kind), count);
    outer_norms(norm_backward(tower_.norm, plan_.fused_kernels));
    work_.product("patch_embedding_weight_gradient", vision_.hidden, vision_.patch_in(), patches_, plan_.precision);
    return std::move(work_.operations);
  }

  /// Patches and what the layers keep of them; inputs and outputs of the projector's matrices.
  Bytes activations() const {
    Bytes kept;
    std::int64_t in = vision_.merged(), columns = 0;
    for (const std::int64_t out : vision_.projector) columns += in + std::exchange(in, out);
    if (plan_.adapter_rank == 0) kept += Bytes(2 * tokens_ * columns * (1 + vision_.further_levels));
    if (!trained_) return kept;
    for (const auto& [kind, count] : tower_.layer_counts()) kept += layer_activations(tower_, plan_, kind) * count;
    return kept + Bytes(2 * patches_ * vision_.patch_in());
  }

 private:
  std::int64_t rows() const { return plan_.micro_batch * vision_.sequence(); }
  void move(std::string_view name, Family family, std::int64_t elements, Traffic traffic) {
    work_.move(name, family, elements, traffic);
  }
  void append(const Operations& layer, std::int64_t count) {
    for (Operation operation : layer) {
      operation.count *= count;
      work_.operations.push_back(operation);
    }
  }
  void outer_norms(Traffic traffic) {
    for (std::int64_t norm = 0; norm < vision_.outer_norms; ++norm)
      move("vision_norm", Family::norm, rows() * vision_.hidden, traffic);
  }

  /// Columns of every matrix are split over the tensor group, what they give is gathered.
  std::int64_t split(std::int64_t columns) const {
    return (columns + plan_.tensor_parallel - 1) / plan_.tensor_parallel;
  }
  void gather(std::int64_t columns) {
    if (plan_.tensor_parallel > 1)
      work_.communicate("gather_projected", CollectiveKind::all_gather, GroupDimension::tensor,
                        Bytes(2 * tokens_ * columns));
  }

  void project() {
    if (vision_.projector_norm > 0)
      move("vision_norm", Family::norm, tokens_ * vision_.merged(), norm_forward(tower_.norm, plan_.fused_kernels));
    std::int64_t in = vision_.merged();
    for (std::size_t i = 0; i < vision_.projector.size(); ++i) {
      const std::int64_t out = vision_.projector[i];
      if (i > 0) move("projector_activation", Family::activation, tokens_ * in, activation_forward(false, true));
      work_.product("projector", tokens_, split(out), in, plan_.precision);
      gather(out);
      in = out;
    }
  }

  /// The first matrix's input needs no gradient where the encoder is frozen.
  void project_back() {
    for (std::size_t i = vision_.projector.size(); i-- > 0;) {
      const std::int64_t out = vision_.projector[i], in = i > 0 ? vision_.projector[i - 1] : vision_.merged();
      if (i > 0 || trained_) {
        work_.product("projector_input_gradient", tokens_, in, split(out), plan_.precision);
        if (plan_.tensor_parallel > 1)
          work_.communicate("reduce_projected", CollectiveKind::all_reduce, GroupDimension::tensor,
                            Bytes(2 * tokens_ * in));
      }
      work_.product("projector_weight_gradient", split(out), in, tokens_, plan_.precision);
      if (i > 0)
        move("projector_activation_backward", Family::activation, tokens_ * in, activation_backward(false, true));
    }
    if (vision_.projector_norm > 0)
      move("vision_norm", Family::norm, tokens_ * vision_.merged(), norm_backward(tower_.norm, plan_.fused_kernels));
  }

  const Vision& vision_;
  const Transformer tower_;
  const TrainingPlan plan_;
  const bool trained_;
  RankWork work_;
  const std::int64_t patches_, tokens_;
};

std::int64_t projector_share(const Transformer& model, const TrainingPlan& plan) {
  return (projector_parameters(*model.vision) + plan.tensor_parallel - 1) / plan.tensor_parallel;
}

/// Of one image forward: products of patches, pairs of patches, products of tokens.
struct EncoderFlops {
  double layers = 0, embedding = 0, projector = 0;
};
EncoderFlops flops_of_image(const Vision& vision) {
  const Transformer tower = running_tower_of(vision);
  const auto rows = static_cast<double>(vision.sequence()), tokens = static_cast<double>(vision.tokens());
  double layers = 0;
  for (const auto& [kind, count] : tower.layer_counts()) {
    const double seen = kind.windowed ? static_cast<double>(vision.window) : rows;
    const auto matrices =
        static_cast<double>(tower.hidden * (4 * tower.hidden + (tower.gated_mlp ? 3 : 2) * tower.ffn));
    layers += static_cast<double>(count) * rows * (2 * matrices + 4 * static_cast<double>(tower.hidden) * seen);
  }
  const auto embedding = static_cast<double>(vision.patches() * vision.patch_in() * vision.hidden);
  std::int64_t in = vision.merged(), projector = 0;
  for (const std::int64_t out : vision.projector) projector += std::exchange(in, out) * out;
  return {layers, 2 * embedding,
          2 * tokens * static_cast<double>(projector) * static_cast<double>(1 + vision.further_levels)};
}

}  // namespace

bool encodes(const Transformer& model, const TrainingPlan& plan) { return model.vision && plan.images > 0; }

std::int64_t image_rows(const Transformer& model, const TrainingPlan& plan) {
  return encodes(model, plan) ? plan.micro_batch * plan.images * model.vision->tokens() : 0;
}

Operations encoder_forward(const Transformer& model, const TrainingPlan& plan) {
  return encodes(model, plan) ? Encoder(model, plan).forward() : Operations{};
}

Operations encoder_backward(const Transformer& model, const TrainingPlan& plan) {
  return encodes(model, plan) ? Encoder(model, plan).backward() : Operations{};
}

Bytes encoder_activations(const Transformer& model, const TrainingPlan& plan) {
  return encodes(model, plan) ? Encoder(model, plan).activations() : Bytes();
}

std::int64_t encoder_elements(const Transformer& model, const TrainingPlan& plan) {
  if (!encodes(model, plan)) return 0;
  const Vision& vision = *model.vision;
  const Transformer tower = running_tower_of(vision);
  const std::int64_t scales = vision.layer_scale ? 2 * vision.hidden * tower.layers : 0;
  const std::int64_t whole = outer_vision_parameters(vision) - projector_parameters(vision) + scales;
  return elements_of(tower, plan_of_tower(model, plan), tower.layer_counts()).all() + whole +
         projector_share(model, plan);
}

std::int64_t frozen_encoder_elements(const Transformer& model, const TrainingPlan& plan) {
  if (!encodes(model, plan) || !plan.frozen_vision) return 0;
  return encoder_elements(model, plan) - projector_share(model, plan);
}

Flops encoder_flops(const Transformer& model, const TrainingPlan& plan) {
  if (!encodes(model, plan)) return {};
  const EncoderFlops forward = flops_of_image(*model.vision);
  const auto images = static_cast<double>(plan.global_batch * plan.images);
  return Flops(images * ((plan.frozen_vision ? 1 : 3) * (forward.layers + forward.embedding) + 3 * forward.projector));
}

Flops recomputed_encoder_flops(const Transformer& model, const TrainingPlan& plan) {
  if (!encodes(model, plan) || plan.recompute != Recompute::full || !trains_tower(plan)) return {};
  return Flops(static_cast<double>(plan.global_batch * plan.images) * flops_of_image(*model.vision).layers);
}

std::vector<std::pair<std::string, std::string>> check_images(const TrainingPlan& plan, const Transformer& model) {
  std::vector<std::pair<std::string, std::string>> problems;
  if (plan.images == 0) return problems;
  if (!model.vision) {
    problems.emplace_back("/images", "the model has no vision encoder; 0 would be right");
    return problems;
  }
  const std::int64_t tokens = model.vision->tokens();
  if (model.looks_at_images() && !plan.flash_attention)
    problems.emplace_back("/flash_attention", "attention to images needs it");
  if (!model.looks_at_images() && plan.images > plan.sequence_length / tokens)
    problems.emplace_back(
        "/images", fmt::format("{} images of {} tokens exceed the sequence of {}; at most {} fit", plan.images, tokens,
                               plan.sequence_length, plan.sequence_length / tokens));
  const auto split = [&](std::int64_t size, const char* what) {
    if (size % plan.tensor_parallel != 0)
      problems.emplace_back("/tensor_parallel", fmt::format("{} doesn't divide the vision encoder's {} ({})",
                                                            plan.tensor_parallel, what, size));
  };
  split(model.vision->heads, "heads");
  split(tower_of(*model.vision).ffn, "ffn");
  return problems;
}

}  // namespace plenum::workload
