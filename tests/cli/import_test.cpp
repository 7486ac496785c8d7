// Other tools' inputs become scenarios that run.
#include <gmock/gmock.h>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;

using Import = Program;

TEST_F(Import, RunsMegatronsOptions) {
  const auto imported =
      run("import megatron '--num-layers 16 --hidden-size 2048 --num-attention-heads 16 --seq-length 2048 --vocab-size "
          "32000 "
          "--bf16 --tensor-model-parallel-size 2 --global-batch-size 64 --fancy 1' --cluster DGX-H100 --gpus 16 --out "
          "m.json");
  EXPECT_EQ(imported.code, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("options:1:159: warning: --fancy is unknown here and ignored"));
  const auto ran = run("run m.json");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("tensor 2, context 1, pipeline 1 x 1 chunks, data 8; bf16"));
}

TEST_F(Import, TellsPlansThatDontDivide) {
  const auto imported =
      run("import megatron '--num-layers 16 --hidden-size 2048 --num-attention-heads 16 --seq-length 2048 --vocab-size "
          "32000 "
          "--bf16 --tensor-model-parallel-size 3' --cluster DGX-H100 --gpus 16");
  EXPECT_EQ(imported.code, 3);
  EXPECT_THAT(imported.err,
              HasSubstr("/jobs/0/training/plan/tensor_parallel: 3 doesn't divide the model's heads (16)"));
}

TEST_F(Import, RunsSimAiTexts) {
  write_file(folder / "w.txt",
             "HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 8 ep: 1 pp: 1 vpp: 1 ga: 1 all_gpus: 16 "
             "checkpoints: 0 checkpoint_initiates: 0\n1\nlayer -1 1000000 ALLREDUCE 1048576 1000000 NONE 0 1000000 "
             "REDUCESCATTER 1048576 100\n");
  EXPECT_EQ(run("import simai w.txt --cluster DGX-H100 --out s.json").code, 0);
  const auto ran = run("run s.json");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("80 tasks of 16 ranks (1 recorded) on H100-SXM"));
}

TEST_F(Import, RefusesWhatIsNotThere) {
  EXPECT_EQ(run("import chakra nothing --cluster DGX-H100").code, 3);
  EXPECT_EQ(run("import torchtitan nothing.toml --cluster DGX-H100 --gpus 8").code, 3);
  EXPECT_EQ(run("import mogatron x --cluster DGX-H100").code, 2);
}

}  // namespace
}  // namespace plenum::testing
