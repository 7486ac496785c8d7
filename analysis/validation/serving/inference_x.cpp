#include "analysis/validation/serving/inference_x.hpp"

#include <algorithm>

namespace plenum::analysis {
namespace {

bool aggregated(const RowCells& row) { return row.text("mode") != "disagg"; }
bool short_texts(const RowCells& row) { return row.required("isl") <= 1024 && row.required("osl") <= 1024; }
bool long_prompts(const RowCells& row) { return row.required("isl") > 1024; }
bool on_h100(const RowCells& row) { return row.text("system").starts_with("h100"); }
bool on_b300(const RowCells& row) { return row.text("system").starts_with("b300"); }
bool is_minimax(const RowCells& row) { return row.mentions("model_path", "minimax"); }

/// SGLang 0.5.10 and later ones of 0.5.
bool sglang_since_10(const RowCells& row) {
  const auto version = row.text("backend_version");
  return version.starts_with("0.5.1") && version.size() > 5 && version[5] >= '0' && version[5] <= '9';
}

/// qwen3.5_fp8_b300 as it is since SGLang 0.5.10.
bool is_qwen_fp8_on_b300(const RowCells& row, const workload::Transformer& model) {
  return model.state_space && on_b300(row) && row.mentions("precision", "fp8") && sglang_since_10(row);
}

/// --chunked-prefill-size and --max-prefill-tokens. dsr1_fp8 on four B200 has little memory left; dsr1_fp4 states half
/// as much, so do qwen3.5_fp8 on H200 and B300.
std::int64_t sglang_token_budget(const RowCells& row, const workload::Transformer& model) {
  const bool fp4 = row.mentions("precision", "fp4"), four = row.integer("tp_size").value_or(1) == 4;
  if (aggregated(row) && model.latent_attention && !on_hopper(row)) return fp4 ? 16384 : four ? 8192 : 32768;
  if (is_qwen_fp8_on_b300(row, model) || (model.state_space && on_hopper(row))) return 16384;
  return 32768;
}

/// qwen3.5_fp8_b200_mtp.sh and, before SGLang 0.5.10, its like for B300: 3 steps of EAGLE. Rows don't say; on four GPUs
/// the scripts without drafts spread the experts.
bool drafts(const RowCells& row, const workload::Transformer& model) {
  return model.state_space && !on_hopper(row) && row.text("backend_version") == "0.5.9" &&
         row.mentions("precision", "fp8") && row.integer("tp_size").value_or(1) == 4 &&
         row.integer("moe_ep_size").value_or(1) == 1;
}

/// --stream-interval of SGLang's scripts; of its recipes for split deployments (NVIDIA/srt-slurm).
double sglang_message(const RowCells& row) {
  if (!aggregated(row)) return 50;
  return on_hopper(row) ? 10 : 30;
}

/// Tokens that SGLang hands over at once, the first ones too. On Blackwell the first token comes as it is there (the
/// scripts' stream-interval of 30 holds for the later ones).
std::int64_t sglang_stream_interval(const RowCells& row) { return on_hopper(row) || !aggregated(row) ? 10 : 1; }

/// cudagraph_mode PIECEWISE.
bool piecewise_graph(const RowCells& row) { return is_minimax(row) && on_hopper(row); }

/// Versions before sgl-project/sglang #21019 of March 2026.
bool separate_products(const RowCells& row) {
  const auto version = row.text("backend_version");
  if (version.starts_with("nightly")) return version < "nightly-dev-20260321";
  return version.starts_with("0.5.") && !sglang_since_10(row);
}

/// --max-num-batched-tokens of the scripts for MiniMax; the others run with the defaults.
void set_vllm_flags(scenario::ServingJob& job, const RowCells& row) {
  if (!is_minimax(row)) return;
  const auto concurrency = row.required("concurrency");
  if (on_b300(row)) job.token_budget = 2 * row.required("isl");
  const bool second_script = row.text("system").starts_with("h200") && !row.text("backend_version").starts_with("0.16");
  if (second_script) job.token_budget = concurrency <= 32 ? 16384 : 32768;
}

/// TensorRT-LLM hands over 10 tokens at a time with DeepSeek and Kimi; its other scripts start postprocessing workers,
/// which pass the first token on at once. max_num_tokens: 20,000 for gpt-oss, as many as the longest request has for
/// Llama; for DeepSeek what a prompt and the decodes need, since 1.2 at least 8,192.
void set_tensorrt_llm_flags(scenario::ServingJob& job, const RowCells& row) {
  if (job.model->latent_attention) {
    job.stream_interval = 10;
    const std::int64_t needed = row.required("concurrency") + row.required("isl") + 64;
    if (aggregated(row)) job.token_budget = std::max<std::int64_t>(needed, tensorrt_llm_of_2025(row) ? 0 : 8192);
  } else if (is_gpt_oss(*job.model)) {
    job.token_budget = 20000;
  } else if (is_llama(*job.model)) {
    job.token_budget = row.required("isl") + row.required("osl") + 256;
  }
}

/// --scheduler-recv-interval on Blackwell: 10, from 16 requests in flight on 30.
std::int64_t sglang_receive_interval(const RowCells& row, const workload::Transformer& model) {
  const bool fp4 = row.mentions("precision", "fp4"), four = row.integer("tp_size").value_or(1) == 4;
  if (model.state_space && fp4 && !on_b300(row)) return 30;
  if (is_qwen_fp8_on_b300(row, model) || (model.latent_attention && !fp4 && four)) return 10;
  return row.required("concurrency") < 16 ? 10 : 30;
}

/// SGLANG_ENABLE_FLASHINFER_GEMM of dsr1_fp8_b200.sh and dsr1_fp8_b300.sh; of qwen3.5_fp8_b200*.sh until 0.5.9. Split
/// deployments of DeepSeek without attention ranks have them, too (their prompts take as long).
bool flashinfer_products(const RowCells& row, const workload::Transformer& model) {
  if (on_hopper(row) || !row.mentions("precision", "fp8")) return false;
  return model.latent_attention || (model.state_space && row.text("backend_version") == "0.5.9");
}

/// batch_wait_*: Llama (70b_fp8_h200_trt) at 1k / 1k on fewer than 8 GPUs, and dsr1_fp8_b200_trt at 1k / 1k from 64
/// requests in flight on.
void set_batch_wait(scenario::BoundServing& job, const RowCells& row) {
  if (!short_texts(row)) return;
  auto& engine = job.engine;
  if (is_llama(job.model) && job.pool.plan.tensor_parallel < 8) {
    engine.batch_wait_steps = 20;
    engine.batch_wait_share = 0.9;
  }
  const bool deepseek_fp8 = job.model.latent_attention && row.mentions("precision", "fp8") && !on_hopper(row) &&
                            row.text("backend_version").starts_with("1.2");
  if (deepseek_fp8 && row.required("concurrency") >= 64) {
    engine.batch_wait_steps = 40;
    engine.batch_wait_share = 0.8;
  }
}

/// A split deployment of SGLang on GB200 or GB300 (recipes/gb200-fp4, gb200-fp8, gb300-fp4 and gb300-fp8 of
/// ishandhanani/srt-slurm).
bool is_sglang_recipe(const RowCells& row) {
  return !aggregated(row) && row.text("backend") == "sglang" && row.text("system").starts_with("gb");
}

/// low-latency.yaml there, and not mid-curve.yaml or max-tpt.yaml: it decodes without attention ranks. Rows of December
/// 2025 call the four GPUs of a node attention ranks.
bool is_low_latency_recipe(const RowCells& row) {
  constexpr std::int64_t node = 4;
  const auto ranks = row.integer("decode_attention_dp_size").value_or(1);
  const bool called_ranks = row.text("backend_version").starts_with("0.5.5") && ranks <= node;
  return is_sglang_recipe(row) && (ranks == 1 || called_ranks);
}

/// Decode servers of split deployments capture every batch that they are built for: cuda-graph-max-bs of 640 and 768 in
/// recipes/gb200-fp8/1k1k of NVIDIA/srt-slurm, batch_sizes up to max_batch_size in those for TensorRT-LLM.
/// scheduler-recv-interval of SGLang's recipes for few requests.
void set_split_flags(workload::EngineProfile& engine, const RowCells& row) {
  if (is_low_latency_recipe(row)) engine.receive_interval = 10;
  if (row.text("backend") != "vllm") engine.graph_sequences = engine.max_sequences;
}

/// attention_dp_config with enable_balance; gpt-oss' scripts leave the two counts at their defaults.
void set_balance(workload::EngineProfile& engine, const workload::Transformer& model) {
  engine.balance_timeout_steps = is_gpt_oss(model) ? 50 : 60;
  engine.balance_batching_steps = is_gpt_oss(model) ? 10 : 0;
}

/// Requests in flight above which the scripts of November 2025 spread DeepSeek's experts over so many GPUs.
std::int64_t spread_above(const RowCells& row, std::int64_t gpus) {
  if (!row.mentions("precision", "fp4")) return 0;
  if (long_prompts(row) || gpus == 4) return 32;
  return short_texts(row) ? 8 : 16;
}

/// The same for attention ranks.
std::int64_t attention_ranks_above(const RowCells& row) {
  if (on_hopper(row)) return long_prompts(row) ? 32 : 64;
  if (row.mentions("precision", "fp4")) return long_prompts(row) ? 32 : 255;
  return short_texts(row) ? 32 : 64;
}

void attend_by_ranks(workload::ServingPlan& plan, std::int64_t ranks) {
  plan.attention_data_parallel = ranks;
  plan.tensor_parallel = 1;
}

void share_matrices(workload::ServingPlan& plan) {
  plan.tensor_parallel = plan.stage_gpus();
  plan.attention_data_parallel = 1;
}

/// Split deployments of vLLM read prompts with attention ranks, and decode so where there is one such server (dep and
/// tep in recipes/vllm/kimi-k2.5 of NVIDIA/srt-slurm, SemiAnalysisAI/InferenceX #1008); rows call all of them tensor
/// parallel. Those of SGLang for few requests are tensor parallel in both pools.
void set_chosen_by_recipes(workload::ServingPlan& plan, const RowCells& row, std::string_view pool) {
  if (is_low_latency_recipe(row)) share_matrices(plan);
  if (row.text("backend") == "vllm" && (pool == "prefill_" || row.required("decode_num_workers") == 1))
    attend_by_ranks(plan, plan.stage_gpus());
}

}  // namespace

bool is_inference_x(const RowCells& row) {
  return row.mentions("source", "db-dump") || row.mentions("source", "source_file=");
}

bool on_hopper(const RowCells& row) { return row.text("system").starts_with("h"); }
bool tensorrt_llm_of_2025(const RowCells& row) {
  const auto version = row.text("backend_version");
  return version.empty() || version == "gpt-oss-dev" || version.starts_with("1.0") || version.starts_with("1.1.0rc");
}
bool is_gpt_oss(const workload::Transformer& model) { return model.name.starts_with("GPT-OSS"); }
bool is_llama(const workload::Transformer& model) { return model.name.starts_with("LLAMA"); }

// SGLang came with transformers 5 from 0.5.10 on, which splits text for DeepSeek in another way than the server, which
// mends its own tokenizer: 7,140 tokens of the client are 35,921 of the server (SemiAnalysisAI/InferenceX #937). The
// client was mended in May of 2026 (#1381, #1502), so later versions than 0.5.10 are left alone.
double tokens_read(const RowCells& row, const workload::Transformer& model) {
  const bool transformers_5 = row.text("backend") == "sglang" && row.text("backend_version").starts_with("0.5.10");
  const bool deepseek = model.name.starts_with("DeepSeek");
  return is_inference_x(row) && aggregated(row) && transformers_5 && deepseek ? 35921.0 / 7140 : 1;
}

void set_server_flags(scenario::ServingJob& job, const RowCells& row) {
  if (!is_inference_x(row)) return;
  if (row.text("backend") == "vllm") return set_vllm_flags(job, row);
  if (row.text("backend") == "trtllm") return set_tensorrt_llm_flags(job, row);
  job.token_budget = sglang_token_budget(row, *job.model);
  if (drafts(row, *job.model)) job.options.speculation = scenario::Speculation{.tokens = 3};
  job.stream_interval = sglang_stream_interval(row);
}

void set_server_flags(scenario::BoundServing& job, const RowCells& row) {
  if (!is_inference_x(row)) return;
  if (row.text("backend") == "sglang") {
    job.engine.separate_products = separate_products(row);
    job.engine.flashinfer_products = flashinfer_products(row, job.model);
    // Messages are as long as the scripts say; stream_interval says when the first token comes.
    const double messages = double(job.engine.stream_interval) / sglang_message(row);
    job.engine.token_front_end = messages * job.engine.token_front_end;
    job.engine.token_copy = messages * job.engine.token_copy;
  }
  if (!aggregated(row)) return set_split_flags(job.engine, row);
  if (row.text("backend") == "sglang" && !on_hopper(row))
    job.engine.receive_interval = sglang_receive_interval(row, job.model);
  if (row.text("backend") == "vllm") job.engine.piecewise_graph = piecewise_graph(row);
  if (row.text("backend") != "trtllm") return;
  set_batch_wait(job, row);
  set_balance(job.engine, job.model);
}

// gptoss_fp4_*.sh on Hopper, minimaxm2.5_fp8_h100.sh, and the first 70b_fp8_h100_docker.sh: later ones of Llama name
// fp8, but the rows queue as a cache in bf16 makes them.
bool cache_as_checkpoint(const RowCells& row, const workload::Transformer& model) {
  if (is_gpt_oss(model)) return on_hopper(row);
  const bool unnamed = is_minimax(row) || (is_llama(model) && row.text("backend") == "vllm");
  return is_inference_x(row) && on_h100(row) && unnamed;
}

// nvidia/DeepSeek-R1-0528-FP4-V2, the model of the dsr1-fp4 configurations since autumn of 2025: "additionally
// quantizes the wo module in attention layers" (model card).
bool quantizes_attention_output(const RowCells& row, const workload::Transformer& model) {
  return is_inference_x(row) && model.name.starts_with("DeepSeek");
}

// SGLANG_NVFP4_CKPT_FP8_GEMM_IN_ATTN of mid-curve.yaml and max-tpt.yaml in those recipes, for both pools;
// NVIDIA/srt-slurm's for B200 don't set it.
workload::AttentionInputs attention_inputs(const RowCells& row) {
  const bool in_fp8 = is_inference_x(row) && is_sglang_recipe(row) && !is_low_latency_recipe(row);
  return in_fp8 ? workload::AttentionInputs::fp8_queries : workload::AttentionInputs::bf16;
}

// --mamba-ssm-dtype bfloat16 of qwen3.5_fp8_*_mtp.sh, qwen3.5_fp8_h200.sh, qwen3.5_fp8_b300.sh and qwen3.5_fp4_b300.sh.
bool states_in_bf16(const RowCells& row, const workload::Transformer& model) {
  if (!is_inference_x(row) || !model.state_space || row.text("backend") != "sglang") return false;
  const bool fp8 = row.mentions("precision", "fp8"), fp4 = row.mentions("precision", "fp4");
  return drafts(row, model) || is_qwen_fp8_on_b300(row, model) || (fp8 && on_hopper(row)) || (fp4 && on_b300(row));
}

// minimaxm2.5_fp8_h100.sh starts no attention ranks: rows that name them have the times of the others.
// Until November of 2025 DeepSeek's scripts chose ranks and spreading by themselves (dsr1_*_trt_slurm.sh); rows have 1
// for both. gpt-oss' experts on Hopper are Triton's, which could not be spread then (TritonFusedMoE asserts it): rows
// that say so have the times of the others.
void set_chosen_by_scripts(workload::ServingPlan& plan, const RowCells& row, std::string_view pool,
                           const workload::Transformer& model) {
  if (!is_inference_x(row)) return;
  if (!aggregated(row)) return set_chosen_by_recipes(plan, row, pool);
  if (is_minimax(row) && on_h100(row)) share_matrices(plan);
  if (row.text("backend") != "trtllm") return;
  if (is_gpt_oss(model) && on_hopper(row)) plan.expert_parallel = 1;
  if (!model.latent_attention || !row.text("backend_version").empty()) return;
  const auto concurrency = row.required("concurrency"), gpus = plan.stage_gpus();
  if (concurrency > spread_above(row, gpus)) plan.expert_parallel = gpus;
  if (concurrency > attention_ranks_above(row)) attend_by_ranks(plan, gpus);
}

// Recipes of TensorRT-LLM for attention ranks (dep) spread the experts over them (tables with 1 and with the number of
// ranks are runs of one recipe, with the same times); so does DeepEP, by which SGLang's ranks on several nodes meet.
// Those that read long prompts on B200 in FP8 do not (moe_expert_parallel_size: 1; rows before March of 2026 say 8,
// SemiAnalysisAI/InferenceX #919).
std::int64_t experts_spread_over(const RowCells& row, std::string_view pool, std::int64_t ranks) {
  if (!is_inference_x(row) || aggregated(row) || ranks == 1) return 0;
  const std::int64_t node = row.text("system").starts_with("gb") ? 4 : 8;
  if (row.text("backend") == "sglang") return ranks > node ? ranks : 0;
  if (row.text("backend") != "trtllm") return 0;
  const bool b200_in_fp8 = row.text("system").starts_with("b200") && row.mentions("precision", "fp8");
  return pool == "prefill_" && b200_in_fp8 && long_prompts(row) ? 1 : ranks;
}

// The recipes (NVIDIA/srt-slurm, recipes/trtllm: ctx1_gen4_tep8_batch4_eplb0_mtp0_24 and their kin) build
// tensor-parallel decode servers of TensorRT-LLM for a power of two and send up to half as many requests again, so that
// none runs empty. In FP8 every concurrency has a recipe of its own (their names state it), in FP4 one serves all of a
// configuration.
std::int64_t decode_batch(const RowCells& row, std::int64_t highest_concurrency) {
  const bool built_so = is_inference_x(row) && row.text("backend") == "trtllm" && !aggregated(row);
  if (!built_so || row.integer("decode_attention_dp_size").value_or(1) > 1) return 0;
  const std::int64_t workers = row.required("decode_num_workers");
  const std::int64_t most = row.mentions("precision", "fp8") ? row.required("concurrency") : highest_concurrency;
  std::int64_t batch = 1;
  while (2 * batch * workers <= most) batch *= 2;
  return batch;
}

}  // namespace plenum::analysis
