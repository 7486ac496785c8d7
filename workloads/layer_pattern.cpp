#include "workloads/layer_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenum::workload {
namespace {

Mixer attention_of(const Transformer& model) {
  return model.latent_attention ? Mixer::latent_attention : Mixer::attention;
}

LayerKind kind_of_letter(const Transformer& model, char letter) {
  switch (letter) {
    case 'M':
      return {Mixer::state_space, Mlp::none};
    case '*':
      return {attention_of(model), Mlp::none};
    case 'E':
      return {Mixer::none, Mlp::experts};
    default:
      return {Mixer::none, Mlp::dense};
  }
}

LayerKind denoising_kind(const Transformer& model, std::int64_t index) {
  const Diffusion& d = *model.diffusion;
  if (!d.joint()) return {Mixer::denoising, Mlp::none};
  if (index >= model.layers - d.single_layers) return {Mixer::single_stream, Mlp::none};
  const bool last = index == model.layers - 1;
  return {last && d.text_ends ? Mixer::text_end : Mixer::double_stream, Mlp::none};
}

bool has_experts(const Transformer& model, std::int64_t index) {
  return model.experts && index >= model.experts->first && (index + 1) % model.experts->every == 0;
}

}  // namespace

LayerKind Transformer::layer_kind(std::int64_t index) const {
  if (diffusion) return denoising_kind(*this, index);
  if (!pattern.empty()) return kind_of_letter(*this, pattern[static_cast<std::size_t>(index) % pattern.size()]);
  LayerKind kind{attention_of(*this), has_experts(*this, index) ? Mlp::experts : Mlp::dense};
  const bool full = full_attention_every > 0 && (index + 1) % full_attention_every == 0;
  if (full) return kind;
  if (state_space) kind.mixer = Mixer::state_space;
  kind.windowed = window > 0 && !state_space;
  return kind;
}

std::vector<LayerCount> Transformer::layer_counts(std::int64_t first, std::int64_t count) const {
  std::vector<LayerCount> counts;
  for (std::int64_t index = first; index < first + count; ++index) {
    const LayerKind kind = layer_kind(index);
    const auto found = std::ranges::find(counts, kind, &LayerCount::kind);
    if (found == counts.end())
      counts.push_back({kind, 1});
    else
      ++found->count;
  }
  return counts;
}

std::vector<std::pair<std::string, std::string>> check_layers(const Transformer& model) {
  std::vector<std::pair<std::string, std::string>> problems;
  const std::size_t unknown = model.pattern.find_first_not_of("M*-E");
  if (unknown != std::string::npos)
    problems.emplace_back("/pattern",
                          fmt::format("'{}' is no kind of layer; M, *, - and E are", model.pattern[unknown]));
  const auto has = [&](char letter) { return model.pattern.find(letter) != std::string::npos; };
  if (has('M') && !model.state_space) problems.emplace_back("/pattern", "M needs the sizes in state_space");
  if (has('E') && !model.experts) problems.emplace_back("/pattern", "E needs the sizes in experts");
  if (model.full_attention_every > 0 && model.window == 0 && !model.state_space)
    problems.emplace_back("/full_attention_every", "needs a window or state_space for the other layers");
  return problems;
}

}  // namespace plenum::workload
