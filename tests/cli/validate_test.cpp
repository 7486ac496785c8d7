#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto rows =
    R"(id,family,model,arch,phase,gpu,n_gpus,gpus_per_node,tp,pp,fsdp_shards,layers,hidden,heads,seq_len_tokens,gbs_sequences,precision,iter_time_s
near,t,LLAMA3-8B,dense,pretrain,H100,8,8,1,1,8,32,4096,32,8192,16,BF16,
far,t,LLAMA3-8B,dense,pretrain,H100,8,8,1,1,8,32,4096,32,8192,16,BF16,1000
other,t,LLAMA3-8B,dense,pretrain,Gaudi2,8,8,1,1,8,32,4096,32,8192,16,BF16,1
)";

class Validate : public Program {
 protected:
  Validate() { write_file(folder / "rows.csv", rows); }
};

TEST_F(Validate, EveryRowIsPredictedOrExplained) {
  const auto outcome = run("validate training rows.csv --json v.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(read_file(folder / "v.json"));
  EXPECT_EQ(json["summary"]["rows"], 3);
  EXPECT_EQ(json["summary"]["predicted"], 2);
  EXPECT_EQ(json["summary"]["unsupported"], 1);
  EXPECT_TRUE(json["rows"][0]["quantities"][0]["measured"].is_null());
  EXPECT_GT(json["rows"][0]["quantities"][0]["predicted"].get<double>(), 0);
  EXPECT_LT(json["rows"][1]["quantities"][0]["error"].get<double>(), 0);
  EXPECT_EQ(json["rows"][2]["reason"], "no calibration for GPU \"Gaudi2\"");
  EXPECT_THAT(outcome.out, HasSubstr("by gpu"));
}

TEST_F(Validate, TheGateFailsOnALargeError) {
  EXPECT_EQ(run("validate training rows.csv --fail-above-median 10%").code, 4);
  EXPECT_EQ(run("validate training rows.csv --fail-above-median 1000%").code, 0);
}

TEST_F(Validate, AMeasurementThatIsNoNumberIsToldAndTakenAsAbsent) {
  std::string text = rows;
  text.replace(text.find(",1000\n"), 5, ",9 s");
  write_file(folder / "unit.csv", text);
  const auto outcome = run("validate training unit.csv --json v.json");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("unit.csv:3:1: warning: iter_time_s: \"9 s\" is not a number"));
  const auto row = nlohmann::json::parse(read_file(folder / "v.json"))["rows"][1];
  EXPECT_TRUE(row["quantities"][0]["measured"].is_null());
  EXPECT_EQ(row["status"], "predicted");
}

TEST_F(Validate, WordsThatMeanNothingAreErrors) {
  std::string text = rows;
  text.replace(text.find("16,BF16,\n"), 8, "16,int9,");
  write_file(folder / "words.csv", text);
  const auto outcome = run("validate training words.csv");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("words.csv:2:1: error: precision: \"int9\" is none of nvfp4, mx, subchannel, fp8, "
                                     "bf16, fp16; an empty cell leaves it open"));
}

TEST_F(Validate, TheGapGateNeedsRowsOfBothParts) {
  const auto outcome = run("validate training rows.csv --fail-above-gap 2%");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("step_time: no rows to compare"));
}

TEST_F(Validate, DrawsAPicture) {
  EXPECT_EQ(run("validate training rows.csv --picture p.svg").code, 0);
  EXPECT_THAT(read_file(folder / "p.svg"), HasSubstr("<svg"));
}

TEST_F(Validate, LayersAreTimedBetweenTwoModels) {
  write_file(folder / "layers.csv",
             "quantity,model,setting,forward_ms,backward_ms,total_ms,param_opt_GiB,activation_GiB\n"
             "transformer layer time,\"Megatron-GPT-22B (h6144)\",full recompute,7.7,19.5,27.2,,\n"
             "memory per GPU (figure 1),Megatron-GPT-22B,no recompute,,,,45.5625,59.25\n"
             "memory per GPU (figure 1),Megatron-GPT-9B,no recompute,,,,1,1\n");
  ASSERT_EQ(run("validate layer-time layers.csv --json l.json").code, 0);
  const auto rows = nlohmann::json::parse(read_file(folder / "l.json"))["rows"];
  const auto predicted = [&](int row, int quantity) { return rows[row]["quantities"][quantity]["predicted"]; };
  EXPECT_GT(predicted(0, 1).get<double>(), 2 * predicted(0, 0).get<double>());  // the second forward pass
  EXPECT_NEAR(predicted(0, 0).get<double>() + predicted(0, 1).get<double>(), predicted(0, 2).get<double>(), 1e-12);
  EXPECT_NEAR(predicted(1, 4).get<double>(), 59.25, 3);
  EXPECT_EQ(rows[2]["reason"], "no plan is known for \"Megatron-GPT-9B\"");
}

TEST_F(Validate, OtherTablesAreInvalidInput) {
  write_file(folder / "other.csv", "a,b\n1,2\n");
  const auto outcome = run("validate training other.csv");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("other.csv:1:1: error: "));
  EXPECT_EQ(run("validate training absent.csv").code, 3);
}

}  // namespace
}  // namespace plenum::testing
