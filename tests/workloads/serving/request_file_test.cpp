// Lists of requests in the formats that people publish, and what is wrong with bad ones.
#include "workloads/serving/request_file.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "sim/core/temporary_folder.hpp"

namespace plenum::workload {
namespace {

class RequestFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto file = folder_.path / "requests.csv";
    std::ofstream(file) << text;
    return file;
  }
  std::vector<Request> all(const std::string& text) {
    Issues issues;
    const auto stream = open_request_file(write(text), issues);
    EXPECT_TRUE(stream) << (issues.all().empty() ? "" : to_string(issues.all().front()));
    std::vector<Request> requests;
    while (auto request = stream->next()) requests.push_back(*request);
    return requests;
  }
  std::string problem(const std::string& text) {
    try {
      all(text);
    } catch (const InvalidRequest& invalid) {
      return to_string(invalid.issue);
    }
    return "none";
  }
  TemporaryFolder folder_;
};

TEST_F(RequestFile, ReadsAzure) {
  const auto requests =
      all("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 "
          "18:16:50.9951690,396,109\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].arrival.value(), 0);
  EXPECT_NEAR(requests[1].arrival.value(), 64.314579, 1e-6);
  EXPECT_EQ(requests[1].prompt, 396);
  EXPECT_EQ(requests[1].output, 109);
}

TEST_F(RequestFile, ReadsVidurAndBurstGpt) {
  EXPECT_EQ(all("arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,10,20\n2.5,1,2\n")[1].arrival.value(), 1);
  const auto burst = all(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n");
  EXPECT_EQ(burst[0].prompt, 472);
  EXPECT_EQ(burst[0].output, 18);
}

TEST_F(RequestFile, ReadsMooncake) {
  const auto requests =
      all("{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1]}\n"
          "{\"timestamp\": 3000, \"input_length\": 1, \"output_length\": 2, \"hash_ids\": [0]}\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].prompt, 6758);
  EXPECT_EQ(requests[1].arrival.value(), 3);
}

TEST_F(RequestFile, SaysWhereALineIsWrong) {
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10,20\n0.5,1,2\n"),
              testing::HasSubstr("requests.csv:3:1: error: arrives 0.5 s before the request above it"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n-1,10,20\n"),
              testing::HasSubstr(":2:1: error"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\nnan,10,20\n"), testing::HasSubstr("its time"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10.5,20\n"),
              testing::HasSubstr("whole numbers"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10\n"), testing::HasSubstr("has 2 cells"));
  EXPECT_THAT(problem("{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 2}\n{broken\n"),
              testing::HasSubstr("no JSON object"));
}

TEST_F(RequestFile, RefusesUnknownFormats) {
  Issues issues;
  EXPECT_FALSE(open_request_file(write("a,b,c\n1,2,3\n"), issues));
  EXPECT_THAT(to_string(issues.all().front()), testing::HasSubstr("is no list of requests that is known"));
  EXPECT_FALSE(open_request_file(folder_.path / "missing.csv", issues));
}

}  // namespace
}  // namespace plenum::workload
