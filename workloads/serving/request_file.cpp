#include "workloads/serving/request_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "sim/core/files.hpp"
#include "sim/core/json.hpp"
#include "workloads/serving/request_line.hpp"

namespace plenum::workload {
namespace {

constexpr Seconds same_moment{1e-3};  ///< servers that log into one list write that much out of order

/// Reads lines and turns each into a request; times count from the first one and never go back.
class FileStream : public RequestStream {
 public:
  FileStream(std::unique_ptr<std::istream> text, std::string name, LineReader read, int line)
      : text_(std::move(text)), name_(std::move(name)), read_(std::move(read)), line_(line) {}

  std::optional<Request> next() override {
    std::string line;
    while (std::getline(*text_, line)) {
      ++line_;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      return checked(line);
    }
    return std::nullopt;
  }

 private:
  [[noreturn]] void fail(std::string message) const {
    throw InvalidRequest({Severity::error, {name_, line_, 1}, "", std::move(message)});
  }

  Request checked(const std::string& line) {
    std::string problem;
    auto request = read_(line, problem);
    if (!request) fail(problem);
    if (!first_) first_ = request->arrival;
    request->arrival -= *first_;
    if (request->arrival < last_ - same_moment)
      fail(fmt::format("arrives {:.6g} s before the request above it; sort the file by time",
                       (last_ - request->arrival).value()));
    last_ = request->arrival = std::max(request->arrival, last_);
    return *request;
  }

  std::unique_ptr<std::istream> text_;
  std::string name_;
  LineReader read_;
  int line_;
  std::optional<Seconds> first_;
  Seconds last_{};
};

std::unique_ptr<std::istream> open_text(const std::filesystem::path& file, Issues& issues) {
  if (file.extension() == ".zst") {
    auto text = read_zstd(file, issues);
    return text ? std::make_unique<std::istringstream>(std::move(*text)) : nullptr;
  }
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

std::unique_ptr<RequestStream> open_request_file(const std::filesystem::path& file, Issues& issues) {
  auto text = open_text(file, issues);
  if (!text) return nullptr;
  std::string first;
  std::getline(*text, first);
  const bool json = first.starts_with("{");
  auto reader = json ? json_line_reader() : csv_line_reader(first);
  if (!reader) {
    issues.error({file.string(), 1, 1}, "",
                 "is no list of requests that is known: its first line must name columns as Azure, BurstGPT or Vidur "
                 "do (arrived_at,num_prefill_tokens,num_decode_tokens), or be a JSON object as Mooncake's");
    return nullptr;
  }
  if (json) {
    text->clear();
    text->seekg(0);
  }
  return std::make_unique<FileStream>(std::move(text), file.string(), std::move(*reader), json ? 0 : 1);
}

}  // namespace plenum::workload
