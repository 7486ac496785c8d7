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

/// A layer of this kind, whose tokens mix as the letter says.
LayerKind mixed(LayerKind kind, char letter) {
  if (letter == 'M') kind.mixer = Mixer::state_space;
  if (letter == 'x') kind.mixer = Mixer::cross_attention;
  kind.windowed = letter == 'w';
  return kind;
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
  if (!mixer_pattern.empty()) return mixed(kind, mixer_pattern[static_cast<std::size_t>(index) % mixer_pattern.size()]);
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

Transformer without_images(Transformer model) {
  model.vision.reset();
  if (!model.looks_at_images()) return model;
  std::string kept;
  for (std::int64_t index = 0; index < model.layers; ++index) {
    const char letter = model.mixer_pattern[static_cast<std::size_t>(index) % model.mixer_pattern.size()];
    if (letter != 'x') kept.push_back(letter);
  }
  model.layers = static_cast<std::int64_t>(kept.size());
  model.mixer_pattern = std::move(kept);
  return model;
}

static std::vector<std::pair<std::string, std::string>> check_mixers(const Transformer& model) {
  std::vector<std::pair<std::string, std::string>> problems;
  const auto problem = [&](std::string message) { problems.emplace_back("/mixer_pattern", std::move(message)); };
  const std::string& pattern = model.mixer_pattern;
  if (const auto unknown = pattern.find_first_not_of("*wMx"); unknown != std::string::npos)
    problem(fmt::format("'{}' mixes no tokens; *, w, M and x do", pattern[unknown]));
  const auto has = [&](char letter) { return pattern.find(letter) != std::string::npos; };
  if (has('w') && model.window == 0) problem("w needs the tokens of a window");
  if (has('M') && !model.state_space) problem("M needs the sizes in state_space");
  if (has('x') && !model.vision) problem("x attends to images, which need the encoder in vision");
  if (!pattern.empty() && pattern.find_first_not_of('x') == std::string::npos)
    problem("some layer has to mix the tokens of the text");
  if (!pattern.empty() && (!model.pattern.empty() || model.full_attention_every > 0))
    problem("says what pattern and full_attention_every say; one of the three is enough");
  return problems;
}

std::vector<std::pair<std::string, std::string>> check_layers(const Transformer& model) {
  auto problems = check_mixers(model);
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
