#include "workloads/serving/request_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "sim/core/zstd_stream.hpp"
#include "workloads/serving/request_line.hpp"

namespace plenum::workload {
namespace {

constexpr Seconds same_moment{1e-3};  ///< servers that log into one list write that much out of order

/// Each turn leads to the next one.
void chain(Request& first, std::vector<FollowUp> turns) {
  for (std::size_t turn = turns.size(); turn-- > 0;) {
    auto& before = turn > 0 ? turns[turn - 1].request : first;
    before.then = std::make_shared<FollowUp>(std::move(turns[turn]));
  }
}

/// Reads lines and turns each into a request; times count from the first one and never go back.
class FileStream : public RequestStream {
 public:
  FileStream(std::unique_ptr<std::istream> text, std::string name, LineReader read, std::string first, int line)
      : text_(std::move(text)), name_(std::move(name)), read_(std::move(read)), line_(line) {
    if (!first.empty()) ahead_ = parsed(first);
  }

  std::optional<Request> next() override {
    auto line = take();
    if (!line) return std::nullopt;
    if (line->wait) fail({"follows no request: its session begins with no time"}, line->number);
    const std::uint64_t session = line->request.session;
    for (ahead_ = take(); ahead_ && ahead_->wait && ahead_->request.session == session; ahead_ = take()) {
      line->turns.push_back({*ahead_->wait, std::move(ahead_->request)});
      ahead_.reset();
    }
    chain(line->request, std::move(line->turns));
    return in_order(std::move(line->request), line->number);
  }

 private:
  [[noreturn]] void fail(const LineProblem& problem, int line) const {
    throw InvalidRequest({Severity::error, {name_, line, problem.column}, "", problem.text});
  }

  std::optional<RequestLine> take() {
    if (ahead_) return std::exchange(ahead_, std::nullopt);
    std::string line;
    while (std::getline(*text_, line)) {
      ++line_;
      if (line.find_first_not_of(" \t\r") != std::string::npos) return parsed(line);
    }
    if (text_->bad()) fail({"cannot be decompressed from here on"}, line_);
    return std::nullopt;
  }

  RequestLine parsed(const std::string& text) const {
    LineProblem problem;
    auto line = read_(text, problem);
    if (!line) fail(problem, line_);
    line->number = line_;
    return std::move(*line);
  }

  Request in_order(Request request, int line) {
    if (!first_) first_ = request.arrival;
    request.arrival -= *first_;
    if (request.arrival < last_ - same_moment)
      fail({fmt::format("arrives {:.6g} s before the request above it; sort the file by time",
                        (last_ - request.arrival).value())},
           line);
    last_ = request.arrival = std::max(request.arrival, last_);
    return request;
  }

  std::unique_ptr<std::istream> text_;
  std::string name_;
  LineReader read_;
  int line_;
  std::optional<RequestLine> ahead_;  ///< read already
  std::optional<Seconds> first_;
  Seconds last_{};
};

std::unique_ptr<std::istream> open_text(const std::filesystem::path& file, Issues& issues) {
  if (file.extension() == ".zst") return open_zstd(file, issues);
  if (file.extension() == ".gz") {
    issues.error({file.string()}, "", "is compressed with gzip; decompress it first (gunzip), or use zstd");
    return nullptr;
  }
  std::error_code ignored;
  auto text = std::make_unique<std::ifstream>(file);
  if (*text && std::filesystem::is_regular_file(file, ignored)) return text;
  issues.error({file.string()}, "", "cannot be read as a list of requests");
  return nullptr;
}

}  // namespace

std::unique_ptr<RequestStream> open_request_file(const std::filesystem::path& file, Issues& issues,
                                                 std::int32_t prefix_block_tokens) {
  auto text = open_text(file, issues);
  if (!text) return nullptr;
  std::string first;
  std::getline(*text, first);
  const bool json = first.starts_with("{");
  auto reader = json ? std::optional(json_line_reader(prefix_block_tokens)) : csv_line_reader(first);
  if (!reader) {
    issues.error({file.string(), 1, 1}, "",
                 "is no list of requests that is known: its first line must name columns as Azure, BurstGPT or Vidur "
                 "do (arrived_at,num_prefill_tokens,num_decode_tokens), or be a JSON object as Mooncake's");
    return nullptr;
  }
  try {
    return std::make_unique<FileStream>(std::move(text), file.string(), std::move(*reader), json ? first : "", 1);
  } catch (const InvalidRequest& invalid) {
    issues.error(invalid.issue.where, "", invalid.issue.message);
    return nullptr;
  }
}

}  // namespace plenum::workload
