// Blocks of prefixes: used together, kept while there is room, and never lost.
#include "sim/datacenter/serving/kv_blocks.hpp"

#include <gtest/gtest.h>

namespace plenum::datacenter {
namespace {

const workload::Prefix prefix{.block_tokens = 32, .tokens = 80, .ids = {1, 2, 3}};  // the last one has 16 tokens

TEST(KvBlocks, SharedBlocksAreCountedOnce) {
  KvBlocks blocks(160, 16);
  ASSERT_TRUE(blocks.grow(0, 64));
  blocks.share(1, 32, 64);
  EXPECT_EQ(blocks.used(), 4);
  ASSERT_TRUE(blocks.grow(0, 32));
  blocks.share(1, 32, 32);  // another sequence computed the same: its blocks come back
  EXPECT_EQ(blocks.used(), 4);
  blocks.release(32);
  blocks.leave(prefix, 1);
  EXPECT_EQ(blocks.used(), 2);
  blocks.leave(prefix, 1);
  EXPECT_EQ(blocks.used(), 0);
  EXPECT_EQ(blocks.match(prefix, 80).tokens, 32);
}

TEST(KvBlocks, WhatWasLeftLongestAgoMakesRoom) {
  std::vector<std::uint64_t> dropped;
  KvBlocks blocks(96, 16, [&](std::uint64_t id, std::int32_t) { dropped.push_back(id); });
  for (const std::uint64_t id : {1, 2}) ASSERT_TRUE(blocks.put(id, 32));
  blocks.use(prefix, 1);
  blocks.leave(prefix, 1);  // 1 is younger than 2 now
  ASSERT_TRUE(blocks.grow(0, 64));
  EXPECT_EQ(dropped, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(blocks.match(prefix, 80).count, 1u);
}

TEST(KvBlocks, APrefixThatIsUsedDoesNotMakeRoom) {
  KvBlocks blocks(64, 16);
  ASSERT_TRUE(blocks.put(1, 32));
  blocks.use(prefix, 1);
  EXPECT_FALSE(blocks.grow(0, 48));
  EXPECT_TRUE(blocks.grow(0, 32));
}

TEST(KvBlocks, MatchesBlocksThatEndWithinThePrompt) {
  KvBlocks blocks(160, 16);
  for (const std::uint64_t id : {1, 2}) ASSERT_TRUE(blocks.put(id, 32));
  ASSERT_TRUE(blocks.put(3, 16));
  EXPECT_EQ(blocks.match(prefix, 79).count, 2u);
  EXPECT_EQ(blocks.match(prefix, 80).tokens, 80);
}

}  // namespace
}  // namespace plenum::datacenter
