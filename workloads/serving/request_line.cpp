#include "workloads/serving/request_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace plenum::workload {
namespace {

constexpr double largest = 1 << 24;

std::vector<std::string_view> cells_of(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == line.npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// "2023-11-16 18:17:03.9799600" (also with T, and a zone that is ignored) as seconds since 1970.
std::optional<double> date_and_time(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[13] != ':') return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t size) { return number(text.substr(from, size)); };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2), hour = part(11, 2), minute = part(14, 2);
  const auto seconds_end = text.find_first_not_of("0123456789.", 17);
  const auto second = number(text.substr(17, seconds_end == text.npos ? text.npos : seconds_end - 17));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(int(*year)), std::chrono::month(unsigned(*month)),
                                         std::chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86400 + *hour * 3600 + *minute * 60 + *second;
}

std::optional<std::int32_t> tokens(std::optional<double> value) {
  if (!value || *value < 0 || *value > largest || *value != std::floor(*value)) return std::nullopt;
  return std::max<std::int32_t>(1, static_cast<std::int32_t>(*value));
}

std::optional<std::size_t> place_of(const std::vector<std::string_view>& columns,
                                    std::initializer_list<std::string_view> names) {
  const auto found =
      std::ranges::find_if(columns, [&](auto column) { return std::ranges::find(names, column) != names.end(); });
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace

std::optional<Request> checked_request(std::optional<double> time, std::optional<double> prompt,
                                       std::optional<double> output, LineProblem& problem) {
  const auto in = tokens(prompt), out = tokens(output);
  if (!time || *time < 0)
    problem.text = "its time is no number of seconds from zero on, nor a date and time";
  else if (!in || !out)
    problem.text = "its prompt and output tokens must be whole numbers from 0 to 16,777,216";
  else
    return Request{.arrival = Seconds(*time), .prompt = *in, .output = *out};
  return std::nullopt;
}

std::optional<LineReader> csv_line_reader(const std::string& header) {
  const auto columns = cells_of(header);
  const auto time = place_of(columns, {"TIMESTAMP", "Timestamp", "arrived_at", "arrival_s", "arrival_timestamp"});
  const auto prompt =
      place_of(columns, {"ContextTokens", "Request tokens", "num_prefill_tokens", "prefill_tokens", "prompt_size"});
  const auto output =
      place_of(columns, {"GeneratedTokens", "Response tokens", "num_decode_tokens", "decode_tokens", "token_size"});
  if (!prompt || !output) return std::nullopt;
  return [time, prompt, output, count = columns.size()](const std::string& line,
                                                        LineProblem& problem) -> std::optional<RequestLine> {
    const auto cells = cells_of(line);
    if (cells.size() != count) {
      problem.text = fmt::format("has {} cells, but the header names {} columns", cells.size(), count);
      return std::nullopt;
    }
    auto seconds = time ? number(cells[*time]) : 0;
    if (!seconds) seconds = date_and_time(cells[*time]);
    auto read = checked_request(seconds, number(cells[*prompt]), number(cells[*output]), problem);
    if (read) return RequestLine{std::move(*read), {}};
    const bool time_is_wrong = !seconds || *seconds < 0;
    const auto& cell = cells[time_is_wrong ? *time : tokens(number(cells[*prompt])) ? *output : *prompt];
    problem.column = static_cast<int>(cell.data() - line.data()) + 1;
    return std::nullopt;
  };
}

}  // namespace plenum::workload
