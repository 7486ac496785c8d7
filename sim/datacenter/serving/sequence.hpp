// Requests inside a replica, and what an attention rank does with them in one step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/datacenter/serving/kv_blocks.hpp"
#include "sim/datacenter/serving/serving_result.hpp"
#include "workloads/serving/engine_profile.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::datacenter {

struct Sequence {
  std::uint64_t request = 0;
  std::int32_t to_read = 0;    ///< tokens of the prompt; after a preemption also those generated before it
  std::int32_t computed = 0;   ///< tokens whose keys and values are in the cache
  std::int32_t remaining = 0;  ///< output tokens still to come
  std::shared_ptr<const workload::Prefix> prefix{};
  std::uint32_t shared = 0;        ///< leading blocks of the prefix that are in use
  std::int32_t shared_tokens = 0;  ///< in them
  bool looked_up = false;          ///< was admitted before
  bool swapped = false;            ///< what is computed lies in host memory
  std::int64_t priority = 0;
  std::int64_t adapter = -1;  ///< -1: the model as it is

  bool reading() const { return computed < to_read; }
  /// Of so many tokens, those that are not in shared blocks.
  std::int64_t own(std::int64_t tokens) const { return std::max<std::int64_t>(0, tokens - shared_tokens); }
};

/// Tokens of one prompt that a step reads; `context` of them were read before.
struct PromptChunk {
  std::uint32_t sequence = 0;
  std::int32_t tokens = 0, context = 0;
  bool last = false;  ///< ends the prompt: the step yields its first token
};

/// What one attention rank does in a step.
struct RankStep {
  std::vector<PromptChunk> chunks;
  std::int64_t decodes = 0;            ///< sequences that get tokens
  std::int64_t tokens_per_decode = 1;  ///< computed for each: the next one and those drafted
  std::int64_t decode_context = 0;     ///< sum of their cached tokens
  void clear() {
    chunks.clear();
    decodes = decode_context = 0;
  }
  bool empty() const { return chunks.empty() && decodes == 0; }
};

/// Sequences of one attention rank. Those that read their prompt or decode are `running`, in order of admission.
struct RankState {
  std::vector<Sequence> sequences;  ///< by id
  std::vector<std::uint32_t> unused;
  std::vector<std::uint32_t> arrived;  ///< not yet seen by the scheduler
  std::deque<std::uint32_t> waiting;
  std::vector<std::uint32_t> running;
  KvBlocks blocks;
  std::int64_t tokens_promised = 0;  ///< outputs still to come of `running`
  std::int64_t tokens_ahead = 0;     ///< work that a new request would find, for routers
  std::int64_t waited = 0;           ///< steps that prompts have waited for more of them
  bool closed = false;               ///< to prompts, in this step: see PromptBalance
  double stall = 0;                  ///< seconds since decodes last got a token, while prompts were read
  std::uint64_t preemptions = 0;
  PrefixHits hits;
  PrefixCache adapters;                                  ///< on the GPUs; a block each
  std::int64_t swapped_tokens = 0, adapters_loaded = 0;  ///< since the last step
  std::int64_t found_tokens = 0, dropped_tokens = 0;     ///< in the cache, and by preemption

  /// Blocks for so many tokens more; false, and nothing taken, when they don't suffice.
  bool grow(const Sequence&, std::int32_t tokens);
  /// Takes what the cache holds of its prompt; at least one token is left to compute.
  void use_cached(Sequence&);
  /// What it has computed of its prefix becomes usable for others.
  void share_computed(Sequence&);
  void give_back(Sequence&);

  /// Its adapter is on the GPUs, or one that nobody uses makes room for it.
  bool has_room_for_adapter(const Sequence&, std::int64_t resident) const;
  void use_adapter(const Sequence&, std::int64_t resident);
  void leave_adapter(const Sequence&);
};

}  // namespace plenum::datacenter
