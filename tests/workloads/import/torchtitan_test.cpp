// torchtitan's TOML as plans.
#include <gmock/gmock.h>

#include "workloads/import/imported_job.hpp"

namespace plenum::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string least = "[model]\nname = \"llama3\"\nflavor = \"8B\"\n";

ImportedJob import(const std::string& text) {
  Issues issues;
  auto job = import_torchtitan(text, "t.toml", issues);
  EXPECT_TRUE(job) << (issues.all().empty() ? "" : to_string(issues.all().front()));
  return job.value_or(ImportedJob{});
}
std::vector<std::string> told(const std::string& text) {
  Issues issues;
  import_torchtitan(text, "t.toml", issues);
  std::vector<std::string> texts;
  for (const auto& issue : issues.all()) texts.push_back(to_string(issue));
  return texts;
}

TEST(Torchtitan, HasItsDefaults) {
  const auto job = import(least);
  EXPECT_EQ(job.model_name, "LLAMA3-8B");
  EXPECT_EQ(job.plan.sharding, Sharding::parameters);
  EXPECT_EQ(job.plan.recompute, Recompute::full);
  EXPECT_EQ(job.plan.recompute_layers, 16);  // every second of 32
  EXPECT_TRUE(job.plan.recompute_early_stop);
  EXPECT_FALSE(job.plan.fused_kernels);
}

TEST(Torchtitan, ReadsAPlan) {
  const auto job =
      import(least +
             "converters = [\"float8\"]\n[training]\nlocal_batch_size = 4\nseq_len = 8192\n[parallelism]\n"
             "data_parallel_replicate_degree = 2\ntensor_parallel_degree = 8\ncontext_parallel_degree = 2\n"
             "pipeline_parallel_degree = 4\npipeline_parallel_schedule = \"Interleaved1F1B\"\n"
             "[activation_checkpoint]\nmode = \"none\"\n[compile]\nenable = true\n");
  EXPECT_EQ(job.plan.tensor_parallel, 8);
  EXPECT_EQ(job.plan.pipeline_parallel, 4);
  EXPECT_EQ(job.plan.virtual_stages, 2);
  EXPECT_EQ(job.plan.micro_batch, 1);
  EXPECT_EQ(job.batch_per_rank, 4);
  EXPECT_EQ(job.replicate, 2);
  EXPECT_EQ(job.plan.precision, Precision::fp8);
  EXPECT_EQ(job.plan.casts, Casts::per_operand);
  EXPECT_EQ(job.plan.recompute, Recompute::none);
  EXPECT_TRUE(job.plan.fused_kernels);
}

TEST(Torchtitan, ReadsHowFloat8Casts) {
  const std::string float8 = least + "converters = [\"float8\"]\n[float8]\n";
  EXPECT_FALSE(import(float8).plan.gather_quantized);
  EXPECT_TRUE(import(float8 + "enable_fsdp_float8_all_gather = true\n").plan.gather_quantized);
  EXPECT_EQ(import(float8 + "recipe_name = \"rowwise\"\n").plan.casts, Casts::per_use);
  EXPECT_EQ(import(least).plan.casts, Casts::cached);
}

TEST(Torchtitan, ReadsOffload) {
  EXPECT_EQ(import(least + "[training]\nenable_cpu_offload = true\n").plan.optimizer_offload, 1);
  EXPECT_EQ(import(least).plan.optimizer_offload, 0);
}

TEST(Torchtitan, KnowsVShapedSchedules) {
  const auto plan = [](const std::string& schedule) {
    return import(least + "[parallelism]\npipeline_parallel_degree = 4\npipeline_parallel_schedule = \"" + schedule +
                  "\"\n")
        .plan;
  };
  EXPECT_EQ(plan("DualPipeV").schedule, PipelineSchedule::dualpipe_v);
  EXPECT_EQ(plan("ZBVZeroBubble").schedule, PipelineSchedule::zb_v);
  EXPECT_EQ(plan("ZBVZeroBubble").virtual_stages, 2);
}

TEST(Torchtitan, TellsEverythingAtOnceWithItsPlace) {
  EXPECT_THAT(
      told("[model]\nname = \"llama9\"\nflavor = \"8B\"\n[training]\nseq_len = \"long\"\n[parallelism]\n"
           "tensor_paralel_degree = 2\n"),
      ElementsAre(HasSubstr("t.toml:3:10: error: model \"llama9\" \"8B\" is unknown; known here: llama3 8B"),
                  HasSubstr("t.toml:5:11: error: seq_len takes a whole number"),
                  HasSubstr("t.toml:7:25: warning: parallelism.tensor_paralel_degree is unknown here and ignored; did "
                            "you mean \"tensor_parallel_degree\"")));
  EXPECT_THAT(told("[model\n"), ElementsAre(HasSubstr("t.toml:1:7: error")));
}

}  // namespace
}  // namespace plenum::workload
