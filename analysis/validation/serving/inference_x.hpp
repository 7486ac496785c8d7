// Rows of the serving table that SemiAnalysisAI/InferenceX measured: how its scripts start servers and ask them. What
// they state is in that repository (benchmarks/*.sh and benchmarks/single_node/*.sh, by model, precision and GPU).
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// A run of InferenceX: its first wave of requests, which comes all at once, is in the means.
bool is_inference_x(const RowCells&);

bool on_hopper(const RowCells&);
/// TensorRT-LLM 1.0 or a candidate for 1.1: runs that state no version, and gpt-oss' first image, are from their
/// months.
bool tensorrt_llm_of_2025(const RowCells&);
bool is_gpt_oss(const workload::Transformer&);
bool is_llama(const workload::Transformer&);

/// Tokens that servers read for each one of the client's.
double tokens_read(const RowCells&, const workload::Transformer&);

/// Flags of the server that a job states.
void set_server_flags(scenario::ServingJob&, const RowCells&);

/// Those that only an engine's profile states.
void set_server_flags(scenario::BoundServing&, const RowCells&);

/// The KV cache has the checkpoint's format: the script that started the server names none.
bool cache_as_checkpoint(const RowCells&, const workload::Transformer&);

/// The checkpoint in FP4 holds all but what makes queries, keys and values in it.
bool quantizes_attention_output(const RowCells&, const workload::Transformer&);

/// Number format of what makes queries, keys and values from an FP4 checkpoint.
workload::AttentionInputs attention_inputs(const RowCells&);

/// State-space layers keep their states in bf16: the script that started the server says so.
bool states_in_bf16(const RowCells&, const workload::Transformer&);

/// Attention ranks and spread experts of a pool ("", "prefill_", "decode_") as the runs had them, where what rows say
/// is a filler.
void set_chosen_by_scripts(workload::ServingPlan&, const RowCells&, std::string_view pool,
                           const workload::Transformer&);

/// Attention ranks over which the experts of a pool ("prefill_", "decode_") of a run with prefill and decode apart lie
/// spread, whatever the row says; 0: as it says.
std::int64_t experts_spread_over(const RowCells&, std::string_view pool, std::int64_t attention_ranks);

/// Most sequences of an attention rank that the decode servers of a run with prefill and decode apart were built for;
/// 0: the engine's. `highest_concurrency`: of the runs of the same configuration.
std::int64_t decode_batch(const RowCells&, std::int64_t highest_concurrency);

}  // namespace plenum::analysis
