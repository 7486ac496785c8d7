#include "calibration/measurements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "calibration/fit/fit.hpp"
#include "calibration/scratch.hpp"

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

constexpr auto bf16 = static_cast<std::size_t>(Precision::bf16),
               fp8_block = static_cast<std::size_t>(Precision::fp8_block);

const std::string index =
    "file,system,op,backend,version,rows,columns,source\n"
    "a.csv,x,gemm,vllm,1,1,,somewhere\n"
    "b.csv,x,attention,vllm,1,1,,somewhere\n"
    "other.csv,y,gemm,vllm,1,1,,somewhere\n";
const std::string products =
    "framework,kernel_source,gemm_dtype,m,n,k,latency\n"
    "VLLM,k,bfloat16,128,256,512,0.5\n"
    "VLLM,k,bfloat16,128,256,512,0.7\n"
    "TRTLLM,k,fp8_block,128,256,1024,0.9\n"
    "VLLM,k,int4_wo,128,256,512,0.1\n";
const std::string prompts =
    "framework,kernel_source,attn_dtype,kv_cache_dtype,head_dim,batch_size,isl,num_heads,num_key_value_heads,step,"
    "window_size,"
    "latency\n"
    "VLLM,k,bfloat16,bfloat16,128,1,1024,8,2,0,0,1.5\n"
    "VLLM,k,bfloat16,fp8,128,1,1024,8,2,0,0,1.4\n"
    "VLLM,k,bfloat16,bfloat16,128,1,1024,8,2,0,128,0.2\n";

class Measurements : public ::testing::Test {
 protected:
  OpTables read() { return read_op_tables(folder.path(), "x", issues); }
  void write_all(const std::string& gemm) {
    folder.write("ops/INDEX.csv", index);
    folder.write("ops/a.csv", gemm);
    folder.write("ops/b.csv", prompts);
  }
  ScratchFolder folder;
  Issues issues;
};

TEST_F(Measurements, ReadsTheTablesOfOneSystem) {
  write_all(products);
  const OpTables tables = read();
  EXPECT_FALSE(issues.has_errors());
  EXPECT_THAT(tables.matrix_product[bf16].at({128, 256, 512}),
              ::testing::ElementsAre(Timing{"VLLM", 500}, Timing{"VLLM", 700}));
  EXPECT_THAT(tables.matrix_product[fp8_block].at({128, 256, 1024}), ::testing::ElementsAre(Timing{"TRTLLM", 900}));
  EXPECT_THAT(tables.attention[bf16].at({128, 1, 1024, 8, 2}), ::testing::ElementsAre(1500));
}

TEST_F(Measurements, PointsAtARowThatIsNoMeasurement) {
  write_all(products + "VLLM,k,bfloat16,128,256,none,0.5\nVLLM,k,bfloat16,128,256,64,-1\n");
  read();
  ASSERT_EQ(issues.all().size(), 2U);
  EXPECT_THAT(to_string(issues.all()[0]), HasSubstr("a.csv:6"));
  EXPECT_THAT(to_string(issues.all()[0]), HasSubstr("column \"k\": \"none\" is no positive number"));
  EXPECT_THAT(to_string(issues.all()[1]), HasSubstr("column \"latency\": \"-1\" is no positive number"));
}

TEST_F(Measurements, MissingTablesAreIssues) {
  read();
  EXPECT_TRUE(issues.has_errors());
}

TEST(Representative, IsTheMedianWhereOneLibraryRanEverywhere) {
  EXPECT_DOUBLE_EQ(representative_product(Precision::bf16, {{"A", 3}, {"B", 1}, {"C", 2}})->microseconds, 2);
  EXPECT_DOUBLE_EQ(representative_product(Precision::bf16, {{"A", 3}, {"B", 1}})->microseconds, 2);
  EXPECT_FALSE(representative_product(Precision::bf16, {}));
}

TEST(Representative, IsTheTunedLibraryOfQuantizedFormats) {
  EXPECT_EQ(*representative_product(Precision::fp8, {{"VLLM", 1, 5}, {"TRTLLM", 2, 7}}), (Timing{"TRTLLM", 2, 7}));
  EXPECT_FALSE(representative_product(Precision::fp8, {{"VLLM", 1}}));
}

TEST(Representative, IsTheFastestAttention) { EXPECT_DOUBLE_EQ(representative_attention({3, 1, 2}), 1); }

TEST(HeldOut, IsAThirdOfTheShapes) {
  int held = 0;
  for (std::int64_t m = 1; m <= 30; ++m)
    for (std::int64_t n = 32; n <= 3200; n += 32) held += held_out(ProductShape{m, n, 4096});
  EXPECT_NEAR(held / 3000.0, 1.0 / 3, 4 * std::sqrt(2.0 / 9 / 3000));  // four standard deviations
}

TEST(SustainedRates, AreReadFromTheRecordedTable) {
  Issues issues;
  const auto rates = read_sustained_rates(measurement_directory(), "NVIDIA H100 SXM", issues);
  EXPECT_FALSE(issues.has_errors());
  ASSERT_FALSE(rates.empty());
  EXPECT_EQ(rates.front().shape, (ProductShape{2048, 2048, 13312}));
  EXPECT_DOUBLE_EQ(rates.front().flops_per_second, 794.5e12);
}

}  // namespace
}  // namespace plenum::calibration
