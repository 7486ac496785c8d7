// Requests inside a replica, and what an attention rank does with them in one step.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/datacenter/serving/kv_blocks.hpp"
#include "workloads/serving/engine_profile.hpp"

namespace plenum::datacenter {

struct Sequence {
  std::uint64_t request = 0;
  std::int32_t to_read = 0;    ///< tokens of the prompt; after a preemption also those generated before it
  std::int32_t computed = 0;   ///< tokens whose keys and values are in the cache
  std::int32_t remaining = 0;  ///< output tokens still to come
  bool reading() const { return computed < to_read; }
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
  std::int64_t decodes = 0;         ///< sequences that get a token
  std::int64_t decode_context = 0;  ///< sum of their cached tokens
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
  std::deque<std::uint32_t> waiting;
  std::vector<std::uint32_t> running;
  KvBlocks blocks;
  std::int64_t tokens_promised = 0;  ///< outputs still to come of `running`
  std::int64_t tokens_ahead = 0;     ///< work that a new request would find, for routers
  double stall = 0;                  ///< seconds since decodes last got a token, while prompts were read
  std::uint64_t preemptions = 0;
};

}  // namespace plenum::datacenter
