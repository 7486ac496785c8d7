#include "workloads/diffusion/generation.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/training/denoising.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::workload {
namespace {

/// Context, cuBLAS and the decoder's tensors: one picture's, tile by tile where it is large.
constexpr Bytes buffer_bytes(std::int64_t{4} << 30);

/// A forward pass of training without anything that is kept.
TrainingPlan pass_plan(const Transformer& model, const GenerationPlan& plan, std::int64_t samples) {
  TrainingPlan pass;
  pass.context_parallel = plan.sequence_parallel;
  pass.context_method = plan.method;
  pass.micro_batch = pass.global_batch = samples;
  pass.data_parallel = 1;
  pass.sequence_length = model.context;
  pass.precision = plan.precision;
  pass.recompute = Recompute::none;
  pass.attention_kernel = plan.attention_kernel;
  pass.fused_kernels = plan.fused_kernels;
  return pass;
}

void append(Operations& to, const Operations& what, std::int64_t times) {
  for (Operation operation : what) {
    operation.count *= times;
    to.push_back(operation);
  }
}

/// Layers of the decoder, one after the other, on a grid that grows.
class Decoder {
 public:
  Decoder(const Diffusion& d, std::int64_t pictures)
      : a_(d.autoencoder),
        batch_(pictures),
        height_(d.latent_height()),
        width_(d.latent_width()),
        frames_(d.latent_frames()) {}

  Operations operations() {
    const auto& channels = a_.channels;
    std::int64_t in = channels.back();
    convolve(3, a_.latent, in);
    block(in, in);
    attend(in);
    block(in, in);
    for (std::size_t level = channels.size(); level-- > 0;) {
      for (std::int64_t i = 0; i <= a_.blocks; ++i) {
        block(in, channels[level]);
        in = channels[level];
      }
      if (level > 0) grow(in);
    }
    norm(in);
    convolve(3, in, 3);
    return std::move(operations_);
  }

 private:
  std::int64_t pixels() const { return batch_ * frames_ * height_ * width_; }

  void convolve(std::int64_t side, std::int64_t in, std::int64_t out) {
    const std::int64_t kernel = side * side * (side > 1 ? a_.frame_kernel : 1);
    operations_.push_back({"convolution", Family::matrix_product, MatrixProduct{pixels(), out, kernel * in, 1}});
  }

  /// Statistics (r2), then normalized and activated (r2 w2).
  void norm(std::int64_t channels) {
    operations_.push_back({"group_norm", Family::norm, MemoryBound{Bytes(6 * pixels() * channels), 2}});
  }

  void block(std::int64_t in, std::int64_t out) {
    norm(in);
    convolve(3, in, out);
    norm(out);
    convolve(3, out, out);
    if (in != out) convolve(1, in, out);
    operations_.push_back({"residual", Family::norm, MemoryBound{Bytes(6 * pixels() * out), 1}});
  }

  void attend(std::int64_t channels) {
    norm(channels);
    convolve(1, channels, 3 * channels);
    operations_.push_back({"attention", Family::attention,
                           Attention{.batch = batch_ * frames_,
                                     .heads = 1,
                                     .kv_heads = 1,
                                     .query_length = height_ * width_,
                                     .kv_length = height_ * width_,
                                     .head_dim = channels,
                                     .causal = false,
                                     .kernel = AttentionKernel::flash_attention_2}});
    convolve(1, channels, channels);
  }

  /// Twice as high and wide; as long as latents have fewer frames, nearly twice as many of them.
  void grow(std::int64_t channels) {
    height_ *= 2;
    width_ *= 2;
    if (grown_ * 2 <= a_.frame_compression) {
      frames_ = 2 * (frames_ - 1) + 1;
      grown_ *= 2;
    }
    convolve(3, channels, channels);
  }

  const Autoencoder& a_;
  std::int64_t batch_, height_, width_, frames_, grown_ = 1;
  Operations operations_;
};

/// The stream, its norm, and twice the widest result of a product: what came out, and what is made of it.
Bytes held_in_pass(const Transformer& model, const TrainingPlan& pass) {
  std::int64_t widest = 0;
  for (const auto& [kind, count] : model.layer_counts())
    for (const BlockMatrix& m : block_matrices(model, kind.mixer))
      if (m.split == Split::columns) widest = std::max(widest, m.out);
  return Bytes(2 * share_of(model, pass).tokens * 2 * (model.hidden + widest));
}

}  // namespace

Operations denoising_pass(const Transformer& model, const GenerationPlan& plan, std::int64_t pictures) {
  const TrainingPlan pass = pass_plan(model, plan, plan.samples(pictures));
  Operations operations = denoising_input_forward(model, pass);
  for (const auto& [kind, count] : model.layer_counts()) append(operations, layer_forward(model, pass, kind), count);
  append(operations, denoising_output_forward(model, pass), 1);
  return operations;
}

Operations text_encoding(const Transformer& encoder, std::int64_t texts, std::int64_t tokens) {
  TrainingPlan pass;
  pass.micro_batch = pass.global_batch = texts;
  pass.data_parallel = 1;
  pass.sequence_length = tokens;
  Operations operations;
  for (const auto& [kind, count] : encoder.layer_counts())
    append(operations, layer_forward(encoder, pass, kind), count);
  return operations;
}

Operations decoding(const Diffusion& diffusion, std::int64_t pictures) {
  return Decoder(diffusion, pictures).operations();
}

double decoding_flops(const Diffusion& diffusion) {
  double flops = 0;
  for (const Operation& operation : decoding(diffusion, 1)) flops += flops_of(operation).value();
  return flops;
}

GenerationMemory generation_memory(const Transformer& model, const GenerationPlan& plan, const Transformer* encoder) {
  const TrainingPlan pass = pass_plan(model, plan, plan.samples(plan.most_pictures));
  std::int64_t quantized = 0;
  for (const auto& [kind, count] : model.layer_counts())
    quantized += count * denoising_matrix_elements(model, pass, kind.mixer);
  const double matrices = operand_bytes(plan.precision) * static_cast<double>(quantized);
  return {.weights = Bytes(std::llround(matrices)) + Bytes(2 * (model.parameters() - quantized)),
          .encoder = Bytes(encoder ? 2 * (encoder->parameters() - encoder->head_parameters()) : 0),
          .activations = held_in_pass(model, pass),
          .buffers = buffer_bytes};
}

}  // namespace plenum::workload
