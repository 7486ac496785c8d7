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
    if (!stream) throw InvalidRequest(issues.all().front());
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
      all("{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 500, \"hash_ids\": [46, 47]}\n"
          "{\"timestamp\": 3000, \"input_length\": 1, \"output_length\": 2, \"hash_ids\": [0]}\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].prompt, 600);
  EXPECT_EQ(requests[0].prefix->ids, (std::vector<std::uint64_t>{46, 47}));
  EXPECT_EQ(requests[0].prefix->end_of(0), 512);
  EXPECT_EQ(requests[0].prefix->end_of(1), 600);
  EXPECT_EQ(requests[1].arrival.value(), 3);
}

TEST_F(RequestFile, ChainsTheTurnsOfASession) {
  const auto requests =
      all("{\"session_id\": \"a\", \"timestamp\": 0, \"input_length\": 10, \"output_length\": 5}\n"
          "{\"session_id\": \"a\", \"delay\": 2000, \"input_length\": 20, \"output_length\": 6}\n"
          "{\"session_id\": \"a\", \"delay\": 500, \"input_length\": 30, \"output_length\": 7}\n"
          "{\"session_id\": \"b\", \"timestamp\": 100, \"input_length\": 11, \"output_length\": 8}\n");
  ASSERT_EQ(requests.size(), 2u);
  ASSERT_TRUE(requests[0].then && requests[0].then->request.then);
  EXPECT_EQ(requests[0].then->wait.value(), 2);
  EXPECT_EQ(requests[0].then->request.then->request.prompt, 30);
  EXPECT_EQ(requests[0].then->request.session, requests[0].session);
  EXPECT_NE(requests[1].session, requests[0].session);
  EXPECT_FALSE(requests[1].then);
}

TEST_F(RequestFile, ReadsLlmServingSimAndNamesEqualPrefixesAlike) {
  std::string tokens = "1";
  for (int i = 2; i <= 512; ++i) tokens.append(",").append(std::to_string(i));
  const auto requests =
      all("{\"input_toks\": 513, \"output_toks\": 3, \"arrival_time_ns\": 1000000000, \"input_tok_ids\": [" + tokens +
          ",7]}\n{\"session_id\": 1, \"arrival_time_ns\": 3000000000, \"sub_requests\": [{\"input_toks\": 513, "
          "\"output_toks\": 1, \"input_tok_ids\": [" +
          tokens + ",8]}, {\"input_toks\": 9, \"output_toks\": 2, \"tool_duration_ns\": 4000000000}]}\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].arrival.value(), 2);
  EXPECT_EQ(requests[0].prefix->ids[0], requests[1].prefix->ids[0]);
  EXPECT_NE(requests[0].prefix->ids[1], requests[1].prefix->ids[1]);
  ASSERT_TRUE(requests[1].then);
  EXPECT_EQ(requests[1].then->wait.value(), 4);
  EXPECT_EQ(requests[1].then->request.output, 2);
}

TEST_F(RequestFile, ReadsSplitwiseAndLengthsAlone) {
  EXPECT_EQ(all("request_id,request_type,application_id,arrival_timestamp,batch_size,prompt_size,token_size\n"
                "0,2,0,0.0,1,131,7\n")[0]
                .prompt,
            131);
  EXPECT_EQ(all("num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54,3826,69.9\n")[0].output, 54);
}

TEST_F(RequestFile, ReadsCompressedOnesAsTheyAreAskedFor) {
  const std::filesystem::path trace =
      std::filesystem::path(PLENUM_REPOSITORY_ROOT) / "workloads/catalogue/requests/mooncake_synthetic.jsonl.zst";
  Issues issues;
  const auto stream = open_request_file(trace, issues);
  ASSERT_TRUE(stream);
  int count = 0;
  while (stream->next()) ++count;
  EXPECT_EQ(count, 3993);
}

TEST_F(RequestFile, SaysWhereALineIsWrong) {
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10,20\n0.5,1,2\n"),
              testing::HasSubstr("requests.csv:3:1: error: arrives 0.5 s before the request above it"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n-1,10,20\n"),
              testing::HasSubstr(":2:1: error"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\nnan,10,20\n"), testing::HasSubstr("its time"));
  EXPECT_THAT(problem("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10.5,20\n"),
              testing::HasSubstr(":2:3: error: its prompt and output tokens must be whole numbers"));
  EXPECT_THAT(problem("{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 2, \"hash_ids\": [1]}\n"),
              testing::HasSubstr("one for every 512 tokens"));
  EXPECT_THAT(problem("{\"session_id\": 1, \"delay\": 5, \"input_length\": 600, \"output_length\": 2}\n"),
              testing::HasSubstr("follows no request"));
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
