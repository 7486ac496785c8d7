#include "analysis/validation/serving/run_list.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace plenum::analysis {
namespace {

using std::filesystem::path;

class RunList : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  void write_meta() const {
    write("RTX4090__small__meta.json", R"({"model": "meta-llama/Llama-3.1-8B", "vllm_version": "0.19.0",
          "engine_kwargs": {"tensor_parallel_size": 2, "enable_expert_parallel": true, "max_model_len": null}})");
  }
  std::string cell(const CsvTable& table, std::string_view column) const {
    return std::string(table.cell(table.rows.front(), column));
  }

  path folder_;
  Issues issues_;
};

TEST_F(RunList, TellsWhatWasStartedAndMeasured) {
  write_meta();
  // First tokens after 0.5 and 1.5 s; 10 gaps of 0.1 s and 20 of 0.2 s; whole requests of 1.5 and 5.5 s.
  write("RTX4090__small__requests.jsonl",
        R"({"input_toks": 9, "output_toks": 11, "queued_ts": 100, "first_token_ts": 100.5, "last_token_ts": 101.5}
{"input_toks": 9, "output_toks": 21, "queued_ts": 100.5, "first_token_ts": 102, "last_token_ts": 106}
)");
  const auto table = read_runs(folder_, issues_);
  ASSERT_TRUE(table) << (issues_.all().empty() ? "" : to_string(issues_.all().front()));
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_EQ(cell(*table, "id"), "RTX4090__small");
  EXPECT_EQ(cell(*table, "gpu"), "RTX4090");
  EXPECT_EQ(cell(*table, "model"), "meta-llama/Llama-3.1-8B");
  EXPECT_EQ(cell(*table, "tensor_parallel_size"), "2");
  EXPECT_EQ(cell(*table, "enable_expert_parallel"), "true");
  EXPECT_EQ(cell(*table, "max_num_seqs"), "");
  EXPECT_NEAR(std::stod(cell(*table, "ttft")), 1.0, 1e-9);
  EXPECT_NEAR(std::stod(cell(*table, "tpot")), 0.15, 1e-9);
  EXPECT_NEAR(std::stod(cell(*table, "end_to_end")), 3.5, 1e-9);
  EXPECT_NEAR(std::stod(cell(*table, "itl")), 5.0 / 30, 1e-9);
  EXPECT_NEAR(std::stod(cell(*table, "throughput")), 32 / 6.0, 1e-9);
}

TEST_F(RunList, SaysWhatIsMissing) {
  EXPECT_FALSE(read_runs(folder_, issues_));
  EXPECT_THAT(to_string(issues_.all().front()), testing::HasSubstr("is no folder with runs"));
  issues_ = {};
  write_meta();
  EXPECT_FALSE(read_runs(folder_, issues_));
  EXPECT_THAT(to_string(issues_.all().front()), testing::HasSubstr("there is no RTX4090__small__requests.jsonl"));
  issues_ = {};
  write("RTX4090__small__requests.jsonl", "{\"queued_ts\": 1}\n");
  EXPECT_FALSE(read_runs(folder_, issues_));
  EXPECT_THAT(to_string(issues_.all().front()), testing::HasSubstr("jsonl:1:1: error: a request needs the number"));
}

}  // namespace
}  // namespace plenum::analysis
