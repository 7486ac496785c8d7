// What collectives run beside.
#include "sim/datacenter/training/segment.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "workloads/training/step.hpp"

namespace plenum::datacenter {
namespace {

using workload::Communication;
using workload::Family;
using workload::GroupDimension;
using workload::MatrixProduct;
using workload::Operation;

const calibration::Device& device() {
  static const auto loaded = [] {
    Issues issues;
    return calibration::load_device("H100-SXM", {}, "", issues).value();
  }();
  return loaded;
}

Operation product(std::string_view name, std::int64_t n) {
  return {name, Family::matrix_product, MatrixProduct{4096, n, 4096, 1, Precision::bf16}};
}

Operation collective(CollectiveKind kind, GroupDimension group = GroupDimension::tensor, double exposed = 0) {
  return {"collective", Family::communication, Communication{kind, group, Bytes(1 << 20), true, exposed}};
}

Seconds time_of(const Operation& operation) { return price({operation}, device(), 1, Seconds{}).compute(); }

Issued issued(const workload::Operations& operations) {
  const auto segment = price(operations, device(), 1, Seconds{});
  EXPECT_EQ(segment.issued.size(), 1u);
  return segment.issued.at(0);
}

TEST(Segment, AGatherRunsBesideTheNextProduct) {
  const auto gather = collective(CollectiveKind::all_gather);
  EXPECT_EQ(issued({product("before", 1024), gather, product("next", 8192), product("later", 2048)}).kernel,
            time_of(product("next", 8192)));
}

TEST(Segment, AReductionRunsBesideTheWeightGradientBeforeIt) {
  const auto reduction = collective(CollectiveKind::reduce_scatter);
  EXPECT_EQ(issued({product("qkv_input_gradient", 1024), product("qkv_weight_gradient", 2048), reduction}).kernel,
            time_of(product("qkv_weight_gradient", 2048)));
}

TEST(Segment, AReductionCannotRunBesideTheProductThatItReduces) {
  EXPECT_EQ(issued({product("qkv_input_gradient", 1024), collective(CollectiveKind::reduce_scatter)}).kernel,
            Seconds(0));
  EXPECT_EQ(issued({collective(CollectiveKind::reduce_scatter)}).kernel, Seconds(0));
}

TEST(Segment, ThePartsOfAPipelinedProductAreReducedOneByOne) {
  const auto last =
      issued({product("down", 1024), collective(CollectiveKind::reduce_scatter, GroupDimension::tensor, 0.25)});
  EXPECT_EQ(last.kernel, time_of(product("down", 1024)));
  EXPECT_DOUBLE_EQ(last.most_hidden, 0.75);
}

TEST(Segment, ExpertsExchangeBesideAnotherMicroBatch) {
  EXPECT_TRUE(std::isinf(issued({collective(CollectiveKind::all_to_all, GroupDimension::expert)}).kernel.value()));
}

TEST(Segment, AFractionHasAFractionOfTheCollectives) {
  const auto segment = price({collective(CollectiveKind::all_gather), product("up", 4096)}, device(), 1, Seconds{});
  EXPECT_DOUBLE_EQ(segment.scaled(0.25).issued.at(0).count, 0.25);
  EXPECT_DOUBLE_EQ(segment.scaled(0.25).issued.at(0).bytes, segment.issued.at(0).bytes);
}

TEST(Segment, OneClockSpeedsProductsUpAndSlowsKernelsThatWaitForTheMultiprocessors) {
  Issues issues;
  const auto measured = calibration::load_device("H200-SXM-microbench", {}, "", issues);
  ASSERT_TRUE(measured);
  const auto optimizer =
      Operation{"adam", Family::optimizer, workload::MemoryBound{Bytes(1 << 30), 1, MemoryKernel::optimizer}};
  const auto time = [&](const Operation& operation, const calibration::OperatingPoint& point) {
    return price({operation}, *measured, 1, Seconds{}, {}, point).compute().value();
  };
  const calibration::OperatingPoint mixed{.relief = 1.2, .clock = 0.9};
  EXPECT_NEAR(time(product("product", 8192), mixed), time(product("product", 8192), {}) / 1.2, 1e-9);
  EXPECT_NEAR(time(optimizer, mixed), time(optimizer, {}) / 0.9, 1e-6);
}

}  // namespace
}  // namespace plenum::datacenter
