#include "sim/scenario/bind_serving.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>

#include "workloads/serving/adapter_layers.hpp"
#include "workloads/serving/draft.hpp"
#include "workloads/serving/host_times.hpp"
#include "workloads/serving/length_cut.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::scenario {
namespace {

/// The engine with some fields of its own; host times are those that were fitted for it.
std::optional<workload::EngineProfile> changed(workload::EngineProfile engine, const std::string& from,
                                               Issues& unknown) {
  if (const auto known = workload::find_engine(from, unknown)) workload::copy_host_times(*known, engine);
  return engine;
}

void check_settings(const workload::EngineProfile& engine, const std::string& pointer, Complaints& complaints) {
  static constexpr std::array<std::string_view, 3> frameworks{"vllm", "sglang", "tensorrt_llm"};
  if (std::ranges::find(frameworks, engine.framework) == frameworks.end())
    complaints.add(pointer + "/framework", fmt::format("kernels of \"{}\" were not measured; those of {} were",
                                                       engine.framework, fmt::join(frameworks, ", ")));
  const auto& sizes = engine.graph_sizes;
  if (std::ranges::adjacent_find(sizes, std::greater_equal()) != sizes.end())
    complaints.add(pointer + "/graph_sizes", "each size is larger than the one before it");
  else if (!sizes.empty() && sizes.back() > engine.graph_sequences)
    complaints.add(pointer + "/graph_sizes", fmt::format("{} is more than the {} sequences of the largest graph "
                                                         "(graph_sequences)",
                                                         sizes.back(), engine.graph_sequences));
}

std::optional<workload::EngineProfile> engine_of(const ServingJob& job, const std::string& pointer,
                                                 Complaints& complaints) {
  Issues unknown;
  auto engine =
      job.own_engine ? changed(*job.own_engine, job.engine, unknown) : workload::find_engine(job.engine, unknown);
  if (job.own_engine) check_settings(*job.own_engine, pointer + "/engine_settings", complaints);
  for (const auto& issue : unknown.all()) complaints.add(pointer + "/engine", issue.message);
  if (!engine) return std::nullopt;
  if (job.token_budget > 0) engine->token_budget = job.token_budget;
  if (job.max_sequences > 0) engine->max_sequences = job.max_sequences;
  if (job.stream_interval > 0) engine->stream_interval = job.stream_interval;
  if (job.memory_fraction > 0) engine->memory_fraction = job.memory_fraction;
  return engine;
}

/// Least number of tensor-parallel GPUs per replica on which the weights leave room.
std::int64_t enough_gpus(Bytes weights_of_one, double usable) {
  std::int64_t gpus = 1;
  while (static_cast<double>(weights_of_one.value()) / static_cast<double>(gpus) > 0.8 * usable) gpus *= 2;
  return gpus;
}

/// The field whose number format most of the weights have: experts have their own.
std::string smaller_format(const workload::Transformer& model, const workload::ServingPlan& plan) {
  return fmt::format("a smaller \"{}\" ({} now)", model.experts ? "expert_precision" : "precision",
                     name_of(model.experts ? plan.expert_precision : plan.precision));
}

/// What a deployment keeps on every GPU besides the model: its draft and the adapters at hand.
struct Besides {
  Bytes weights{}, per_token{};
};
Besides besides(const BoundServing& job, const workload::ServingPlan& plan) {
  Besides sum;
  if (job.draft) {
    const bool own_layer = job.options.speculation->draft.empty();
    sum.weights = own_layer ? workload::draft_layer_bytes(job.model, plan) : workload::weight_bytes(*job.draft, plan);
    sum.per_token = workload::kv_bytes_per_token(*job.draft, plan);
  }
  if (const auto& adapters = job.options.adapters)
    sum.weights = sum.weights + workload::adapter_bytes(job.model, plan, adapters->rank) * adapters->resident;
  return sum;
}

/// The memory ledger: what of the engine's part of device memory weights and its reserve leave for the KV cache.
std::int64_t kv_tokens_of(const BoundServing& job, const workload::ServingPlan& plan, const calibration::Device& device,
                          Bytes held_by_others, const std::string& pointer, Complaints& complaints) {
  const auto& model = job.model;
  const auto& engine = job.engine;
  const Besides more = besides(job, plan);
  const auto memory = static_cast<double>(device.specification.memory.value());
  const double usable =
      std::min(engine.memory_fraction * memory, memory - static_cast<double>(held_by_others.value())) -
      static_cast<double>(engine.reserved.value());
  if (engine.memory_fraction * memory <= static_cast<double>(engine.reserved.value())) {
    complaints.add(pointer, fmt::format("memory_fraction {:.3g} of {} leaves nothing beside the {} that {} reserves; "
                                        "more than {:.2g} would do",
                                        engine.memory_fraction, device.name, format(engine.reserved), engine.name,
                                        static_cast<double>(engine.reserved.value()) / memory));
    return 0;
  }
  const Bytes weights = workload::weight_bytes(model, plan) + more.weights,
              per_token = workload::kv_bytes_per_token(model, plan) + more.per_token;
  const double left = engine.free_fraction * (usable - static_cast<double>(weights.value()));
  const auto tokens = static_cast<std::int64_t>(left / static_cast<double>(per_token.value()));
  if (left > 0 && tokens >= engine.block_tokens) return tokens;
  if (held_by_others > Bytes{}) {
    const auto missing = static_cast<double>((weights + per_token * engine.block_tokens).value()) - usable;
    complaints.add(pointer,
                   fmt::format("{} does not fit beside the {} that training holds on every GPU: {} are missing "
                               "for weights ({}) and a KV cache; \"offload\" moves those states to the host, "
                               "more tensor_parallel makes the weights smaller",
                               model.name, format(held_by_others), format(Bytes(static_cast<std::int64_t>(missing))),
                               format(weights)));
    return 0;
  }
  workload::ServingPlan one = plan;
  one.tensor_parallel = one.pipeline_parallel = 1;
  complaints.add(pointer + "/plan",
                 fmt::format("{} does not fit: the weights take {} of a GPU, where {} has {} for weights and KV cache; "
                             "tensor_parallel {} would do, or {}",
                             model.name, format(weights), device.name, format(Bytes(static_cast<std::int64_t>(usable))),
                             enough_gpus(workload::weight_bytes(model, one), usable), smaller_format(model, plan)));
  return 0;
}

bool check_precision(Precision precision, const calibration::Device& device, const std::string& pointer,
                     Complaints& complaints) {
  const auto& peaks = device.specification.peak;
  if (peaks.empty() || peaks.contains(precision)) return true;
  std::vector<std::string_view> known;
  for (const auto& [name, peak] : peaks) known.push_back(name_of(name));
  complaints.add(pointer, fmt::format("{} does not compute in {}; it has {}", device.name, name_of(precision),
                                      fmt::join(known, ", ")));
  return false;
}

bool check_precisions(const workload::ServingPlan& plan, const calibration::Device& device, const std::string& pointer,
                      Complaints& complaints) {
  return check_precision(plan.precision, device, pointer + "/precision", complaints) &&
         check_precision(plan.latent_queries(), device, pointer + "/attention_inputs", complaints);
}

bool check_plan(const workload::ServingPlan& plan, const workload::Transformer& model, const std::string& pointer,
                Complaints& complaints) {
  const auto problems = workload::check(plan, model);
  for (const auto& [below, message] : problems) complaints.add(pointer + below, message);
  return problems.empty();
}

/// Of an issue in a file that the scenario names; that it is an error is said once, by the complaint.
std::string place_and_message(const Issue& issue) {
  const auto& where = issue.where;
  const std::string line = where.line > 0 ? fmt::format(":{}:{}", where.line, where.column) : "";
  return fmt::format("{}{}: {}", where.file, line, issue.message);
}

/// Drafts are made by a model of the catalogue or by one more layer of the model itself.
bool bind_draft(BoundServing& bound, const std::string& pointer, Complaints& complaints) {
  const auto& speculation = bound.options.speculation;
  if (!speculation) return true;
  Issues unknown;
  bound.draft = speculation->draft.empty() ? std::optional(workload::draft_layer(bound.model))
                                           : workload::find_model(speculation->draft, unknown);
  for (const auto& issue : unknown.all()) complaints.add(pointer + "/speculation/draft", issue.message);
  if (!bound.draft) return false;
  bound.draft->fill_defaults();
  if (!speculation->draft.empty())
    for (const auto& [below, message] : workload::check(bound.pool.plan, *bound.draft)) {
      complaints.add(pointer + "/speculation/draft", message);
      return false;
    }
  return true;
}

/// Prefill replicas may have GPUs of their own kind.
bool bind_prefill_gpu(BoundServing& bound, const ServingJob& job, const std::string& pointer, Complaints& complaints) {
  if (!job.prefill || job.prefill->gpu.empty()) return true;
  const std::string where = pointer + "/prefill/gpu";
  auto device =
      calibration::load_device(job.prefill->gpu, json::position_of(complaints.source, where), where, complaints.issues);
  if (!device) return false;
  bound.prefill->device = std::make_shared<calibration::Device>(std::move(*device));
  return check_precisions(bound.prefill->plan, *bound.prefill->device, pointer + "/prefill/plan", complaints);
}

/// A job that serves applications may have no requests of its own.
bool check_own_requests(const ServingJob& job, const std::string& folder, const std::string& pointer,
                        Complaints& complaints) {
  const bool none = job.requests.file.empty() && job.requests.count == 0;
  if (none && !json::at(complaints.source, pointer + "/requests")) {
    if (!job.serves_applications)
      complaints.add(pointer, "\"requests\" is missing, and no stage of an application is served by this job");
    return job.serves_applications;
  }
  return check_requests(job.requests, folder, pointer + "/requests", complaints);
}

/// Texts that are read once, whole where attention is not causal: nothing of them is kept.
bool bind_pooling(BoundServing& bound, const std::string& pointer, Complaints& complaints) {
  auto& model = bound.model;
  if (!bound.pools) return true;
  model.tied_embeddings = true;  // there is no head
  if (bound.options.speculation)
    complaints.add(pointer + "/speculation", fmt::format("{} gives no tokens that could be drafted", model.name));
  if (bound.prefill)
    complaints.add(pointer + "/prefill", fmt::format("{} does not decode: it needs no prefill replicas", model.name));
  if (model.sees_all) bound.options.prefix_caching.enabled = false;
  return !bound.options.speculation && !bound.prefill;
}

/// A block that requests name must be whole KV blocks.
bool check_prefix_blocks(const workload::RequestSpecification& requests, const workload::EngineProfile& engine,
                         const std::string& pointer, Complaints& complaints) {
  const auto tokens = static_cast<std::int64_t>(
      std::llround(static_cast<double>(requests.prefix_block_tokens) * requests.length_scale));
  if (tokens % engine.block_tokens == 0) return true;
  complaints.add(
      pointer + "/prefix_block_tokens",
      fmt::format("{} tokens (with length_scale) are no whole KV blocks of {} tokens", tokens, engine.block_tokens));
  return false;
}

/// Replicas in a row; complaints when they exceed the GPUs.
bool place_pools(BoundServing& bound, const ServingJob& job, GpuRange gpus, const std::string& pointer,
                 Complaints& complaints) {
  std::int64_t prefill_gpus = 0;
  if (bound.prefill) {
    bound.prefill->first_gpu = gpus.first;
    prefill_gpus = bound.prefill->replicas * bound.prefill->plan.gpus();
  }
  bound.pool.first_gpu = gpus.first + prefill_gpus;
  const std::int64_t room = (gpus.count - prefill_gpus) / bound.pool.plan.gpus();
  bound.pool.replicas = job.replicas > 0 ? job.replicas : room;
  if (bound.pool.replicas >= 1 && bound.pool.replicas <= room) return true;
  complaints.add(
      pointer + "/replicas",
      fmt::format("{} replica{} of {} GPUs{} exceed the job's {} GPUs", std::max<std::int64_t>(1, job.replicas),
                  job.replicas > 1 ? "s" : "", bound.pool.plan.gpus(),
                  prefill_gpus > 0 ? fmt::format(" beside {} for prefill", prefill_gpus) : "", gpus.count));
  return false;
}

}  // namespace

std::string folder_of(const json::Value& source, const std::string& pointer) {
  return std::filesystem::path(json::position_of(source, pointer).file).parent_path().string();
}

void warn_of_cut(const workload::LengthSpecification& length, const std::string& pointer, Complaints& complaints) {
  const auto cut = workload::cut_by_maximum(length);
  if (cut.share < 0.01) return;
  complaints.issues.warning(
      json::position_of(complaints.source, pointer), pointer,
      fmt::format(
          "{:.1f} % are longer than \"maximum\" ({}) and are cut, which leaves a mean of {:.0f} instead of {:.0f}",
          100 * cut.share, length.maximum, cut.mean, cut.mean_as_written));
}

bool check_requests(const workload::RequestSpecification& requests, const std::string& folder,
                    const std::string& pointer, Complaints& complaints) {
  const auto problems = workload::check(requests);
  for (const auto& [below, message] : problems) complaints.add(pointer + below, message);
  if (!problems.empty()) return false;
  if (requests.file.empty()) {
    warn_of_cut(requests.prompt, pointer + "/prompt", complaints);
    warn_of_cut(requests.output, pointer + "/output", complaints);
    if (requests.session) warn_of_cut(requests.session->turns, pointer + "/session/turns", complaints);
  }
  Issues unreadable;
  const auto stream = workload::make_requests(requests, 0, folder, unreadable);
  for (const auto& issue : unreadable.all()) complaints.add(pointer + "/file", place_and_message(issue));
  return stream != nullptr;
}

std::optional<BoundServing> bind_serving(const ServingJob& job, const std::string& name, workload::Transformer model,
                                         GpuRange gpus, const calibration::Device& device, const std::string& pointer,
                                         Complaints& complaints) {
  BoundServing bound{.name = name,
                     .model = std::move(model),
                     .engine = {},
                     .pool = {.plan = job.plan},
                     .prefill = {},
                     .requests = job.requests,
                     .folder = folder_of(complaints.source, pointer),
                     .router = job.router,
                     .service_level = job.service_level,
                     .options = job.options};
  bound.pools = job.pools || bound.model.sees_all;
  auto engine = engine_of(job, pointer, complaints);
  if (job.prefill) bound.prefill = Pool{.plan = job.prefill->plan, .replicas = job.prefill->replicas};
  bool good = check_plan(job.plan, bound.model, pointer + "/plan", complaints);
  good &= check_precisions(job.plan, device, pointer + "/plan", complaints);
  if (job.prefill) good &= check_plan(job.prefill->plan, bound.model, pointer + "/prefill/plan", complaints);
  good &= check_own_requests(job, bound.folder, pointer, complaints);
  good &= bind_pooling(bound, pointer, complaints);
  good &= bind_draft(bound, pointer, complaints) && bind_prefill_gpu(bound, job, pointer, complaints);
  if (engine) good &= check_prefix_blocks(job.requests, *engine, pointer + "/requests", complaints);
  if (!engine || !good || !place_pools(bound, job, gpus, pointer, complaints)) return std::nullopt;
  bound.engine = std::move(*engine);
  if (bound.model.sees_all) bound.engine.chunked_prefill = false;
  bound.held_gpus = gpus.count;
  const auto room = [&](const Pool& pool, const std::string& where) {
    if (job.kv_tokens > 0) return job.kv_tokens;
    return kv_tokens_of(bound, pool.plan, pool.device ? *pool.device : device, job.held_by_others, where, complaints);
  };
  bound.pool.kv_tokens = room(bound.pool, pointer);
  if (bound.prefill) bound.prefill->kv_tokens = room(*bound.prefill, pointer + "/prefill");
  if (bound.pool.kv_tokens == 0 || (bound.prefill && bound.prefill->kv_tokens == 0)) return std::nullopt;
  return bound;
}

}  // namespace plenum::scenario
