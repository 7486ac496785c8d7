#include "analysis/validation/serving/aiconfigurator.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::analysis {
namespace {

/// The runs of 2026 that name a job are of neither sweep.
bool in_thousands(const RowCells& row) {
  return row.required("isl") % 1000 == 0 && !row.mentions("source", "gtl_job_id");
}

/// aiperf has 100 prompts where nobody says how many (--num-dataset-entries), and until autumn of 2025 drew one for
/// every request (DatasetManager). vLLM keeps prefixes unless it is told not to; the generator tells TensorRT-LLM.
/// Times of SGLang show prompts that are all read; so do those of the sweep in powers of two.
void repeat_prompts(workload::RequestSpecification& requests) {
  constexpr std::int64_t prompts = 100, block = 16;                         // tokens of a block of vLLM's cache
  const std::int64_t found = (requests.prompt.tokens - 1) / block * block;  // at least one token is read
  requests.shared_prefix = workload::SharedPrefix{found, prompts};
  requests.prefix_block_tokens = block;
  requests.prompt = {.tokens = requests.prompt.tokens - found};
}

/// Steps between the mean end of outputs of one length and the first or last one. Outputs that all ended in the same
/// step would keep all requests in lockstep for ever; times per token that grow as outputs get shorter (others' prompts
/// are read between them) show that it ends. First tokens are as late with outputs of 128 as of 512 tokens
/// (TensorRT-LLM, 1,024 tokens, 64 in flight: 0.33 to 0.37 s), so what spreads the ends is a matter of some steps, not
/// a part of the output. A few requests of the sweep in thousands do keep in step: with two in flight of 4,000 tokens
/// (SGLang, Qwen3-235B) the first token takes 0.64 s for outputs of 100 and of 2,000, twice a prompt. Both constants by
/// hand, on all rows.
double steps_apart(const RowCells& row) {
  constexpr double most = 7, requests_per_step = 8;
  return in_thousands(row) ? std::min(most, double(row.required("concurrency")) / requests_per_step) : most;
}

}  // namespace

// Rounds and warm-up are genai_perf_runner.py's (--request-count 10 and --warmup-request-count 2 per request in
// flight), which names as many prompts as requests, though; the later bench_run.sh.j2 names none and asks for 50
// rounds. Ten rounds of drawn prompts are what vLLM's times show: a choice on rows in sight. The sweep in powers of two
// has no burst in its means.
workload::RequestSpecification aiconfigurator_requests(const RowCells& row) {
  constexpr std::int64_t rounds = 10, warm_up = 2;
  workload::RequestSpecification requests;
  requests.concurrency = row.required("concurrency");
  requests.count = rounds * requests.concurrency;
  requests.prompt = {.tokens = row.required("isl")};
  const double apart = steps_apart(row), output = double(row.required("osl"));
  requests.output = {.kind = workload::LengthKind::uniform,
                     .tokens = std::llround(output + apart),
                     .minimum = std::llround(std::max(1.0, output - apart))};
  if (!in_thousands(row)) return requests;
  requests.barrier_after = warm_up * requests.concurrency;
  requests.count += requests.barrier_after;
  if (row.text("backend") == "vllm") repeat_prompts(requests);
  return requests;
}

// sglang.rule: "agg enable_mixed_chunk = true", since January 2026 (ai-dynamo/aiconfigurator #257). When the runs were
// made is not stated. The rule's other line, max_prefill_tokens of 1,500 more than a prompt, does not show: first
// tokens of Llama 3.1 8B are off by 37 % as here, 40 % with neither and 44 % with both (mean |ln(predicted /
// measured)|).
void set_generated_flags(workload::EngineProfile& engine, const RowCells& row) {
  if (row.text("backend") == "sglang" && row.text("mode") == "agg") engine.policy = workload::BatchPolicy::mixed;
}

}  // namespace plenum::analysis
