// `plenum validate`: predictions held against published measurements.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "analysis/validation.hpp"
#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{
      "plenum validate training FILE.csv [options]",
      "Predicts every row of a table of measured training steps and tells the errors: all of them, and by\n"
      "family, GPU, precision, architecture, scale and completeness. Rows that can't be predicted are listed\n"
      "with the reason.",
      "  plenum validate training analysis/measurements/training_public.csv --json validation.json\n"
      "  plenum validate training rows.csv --fail-above-median 10%\n",
      po::options_description("Options"),
      {"kind", "table"}};
  syntax.options.add_options()("kind", po::value<std::string>()->required(), "")(
      "table", po::value<std::string>()->required(), "")("json", po::value<std::string>()->value_name("FILE"),
                                                         "Write every row; - is stdout, without the tables")(
      "fail-above-median", po::value<std::string>()->value_name("PERCENT"),
      "Exit with 4 when the median absolute error of the complete rows is larger");
  return syntax;
}

/// "123/700, 8 s left" on a terminal, kept on one line.
class Progress {
 public:
  void operator()(std::size_t done, std::size_t of) const {
    if (!terminal_) return;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
    const double left = spent.count() / static_cast<double>(done) * static_cast<double>(of - done);
    std::cerr << fmt::format("\r{}/{}, {:.0f} s left \033[K", done, of, left);
    if (done == of) std::cerr << "\r\033[K";
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO);
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

ExitCode gate(const analysis::Validation& validation, double limit) {
  std::vector<const analysis::ValidationRow*> complete;
  for (const auto& row : validation.rows)
    if (row.labels.at("completeness") == "complete") complete.push_back(&row);
  const auto summary = analysis::summarize(complete);
  if (summary.compared > 0 && summary.median <= limit) return ExitCode::done;
  std::cerr << (summary.compared == 0
                    ? std::string("plenum: gate not met: no complete row could be compared\n")
                    : fmt::format(
                          "plenum: gate not met: the median absolute error of {} complete rows is {:.2f} %, more "
                          "than {:.2f} %\n",
                          summary.compared, 100 * summary.median, 100 * limit));
  return ExitCode::gate_not_met;
}

}  // namespace

ExitCode validate(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto& kind = values["kind"].as<std::string>();
  if (kind != "training")
    fail_usage(syntax(), fmt::format("unknown kind of table \"{}\"{}", kind, suggestion(kind, {"training"})));
  std::optional<double> limit;
  if (values.count("fail-above-median"))
    limit = parse_percentage(syntax(), "--fail-above-median", values["fail-above-median"].as<std::string>());

  Issues issues;
  const int processes = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const auto validation = analysis::validate_training(values["table"].as<std::string>(), processes, Progress(), issues);
  tell(issues);
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  if (!json.empty()) write_json(json, analysis::to_json(*validation));
  if (json != "-") std::cout << analysis::to_text(*validation);
  return limit ? gate(*validation, *limit) : ExitCode::done;
}

}  // namespace plenum::cli
