#include "sim/datacenter/training/ledger.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace plenum::datacenter {
namespace {

double part(const Ledger& ledger, Part p) { return ledger.parts()[static_cast<std::size_t>(p)].value(); }

double sum(const Ledger& ledger) {
  double total = 0;
  for (const Seconds s : ledger.parts()) total += s.value();
  return total;
}

TEST(Ledger, ChargesFromTheLastChargeOn) {
  Ledger ledger;
  ledger.charge(Part::bubble, Seconds(2));
  ledger.charge(Part::host, Seconds(5));
  EXPECT_DOUBLE_EQ(part(ledger, Part::bubble), 2);
  EXPECT_DOUBLE_EQ(part(ledger, Part::host), 3);
}

TEST(Ledger, DividesCommunicationAmongKinds) {
  Ledger ledger;
  KindWeights weights = only(CollectiveKind::all_gather);
  weights[static_cast<std::size_t>(CollectiveKind::reduce_scatter)] = 3;
  ledger.charge(Part::tensor_communication, weights, Seconds(2));
  ledger.charge(Part::bubble, Seconds(3));
  ledger.charge(Part::tensor_communication, only(CollectiveKind::all_gather), Seconds(4));
  const KindTimes& kinds = ledger.exposed().front();
  EXPECT_DOUBLE_EQ(kinds[static_cast<std::size_t>(CollectiveKind::all_gather)].value(), 0.5 + 1);
  EXPECT_DOUBLE_EQ(kinds[static_cast<std::size_t>(CollectiveKind::reduce_scatter)].value(), 1.5);
  EXPECT_DOUBLE_EQ(part(ledger, Part::tensor_communication), 3);
}

TEST(Ledger, IgnoresTimesBeforeTheLastCharge) {
  Ledger ledger;
  ledger.charge(Part::bubble, Seconds(2));
  ledger.charge(Part::host, Seconds(1));
  EXPECT_DOUBLE_EQ(part(ledger, Part::host), 0);
  EXPECT_DOUBLE_EQ(ledger.cursor().value(), 2);
}

TEST(Ledger, DividesASpanByWeight) {
  Ledger ledger;
  Breakdown weights{};
  weights[static_cast<std::size_t>(Part::matrix_product)] = Seconds(3);
  weights[static_cast<std::size_t>(Part::norm)] = Seconds(1);
  ledger.charge(weights, Seconds(8));
  EXPECT_DOUBLE_EQ(part(ledger, Part::matrix_product), 6);
  EXPECT_DOUBLE_EQ(part(ledger, Part::norm), 2);
}

TEST(Ledger, PartsSumToTheTimeThatPassed) {
  Ledger ledger;
  double now = 0;
  for (int i = 1; i <= 1000; ++i) {
    now += 0.001 * i;
    ledger.charge(static_cast<Part>(i % part_count), Seconds(now));
  }
  EXPECT_NEAR(sum(ledger), now, now * 1e-13);  // a thousand additions of doubles
}

}  // namespace
}  // namespace plenum::datacenter
