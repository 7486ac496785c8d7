#include "analysis/validation/serving/host_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/forked.hpp"
#include "analysis/validation/serving/inference_x.hpp"
#include "analysis/validation/serving/serving_row.hpp"
#include "analysis/validation/serving/serving_table.hpp"
#include "workloads/serving/host_times.hpp"

namespace plenum::analysis {
namespace {

using workload::EngineProfile;
using workload::HostTime;
using Rows = std::vector<const CsvTable::Row*>;

constexpr std::array factors{2.0, 1.4, 1.15};
constexpr double worst = 1.0;  // a row that is off by more than e is something else than host time

/// Evenly drawn rows of a part that were measured without doubt, all by one harness (InferenceX), whose clients and
/// server flags are known: what others' front ends add would pass for the engine's.
Rows sample(const CsvTable& table, const std::string& engine, std::string_view part, const HostFitOptions& options) {
  Rows all, drawn;
  for (const auto& row : table.rows) {
    const RowCells cells(table, row);
    if (cells.text("doubts").empty() && is_inference_x(cells) && serving_engine(cells) == engine &&
        serving_part(cells) == part && cells.integer("concurrency").value_or(0) <= options.most_concurrency)
      all.push_back(&row);
  }
  const std::size_t count = std::min(options.rows, all.size());
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(all[i * all.size() / count]);
  return drawn;
}

struct Errors {
  std::vector<double> first_token, per_token;  ///< |ln(predicted / measured)|
  double cost() const {
    double sum = 0;
    for (const auto* errors : {&first_token, &per_token})
      for (const double error : *errors) sum += std::min(error, worst);
    return sum / static_cast<double>(std::max<std::size_t>(1, first_token.size() + per_token.size()));
  }
};

class Trial {
 public:
  Trial(const CsvTable& table, const Rows& rows, int processes) : table_(table), rows_(rows), processes_(processes) {}

  Errors operator()(const EngineProfile& times) const {
    const auto task = [&](std::size_t i) {
      const auto told =
          predict_serving(table_, *rows_[i], [&](EngineProfile& engine) { workload::copy_host_times(times, engine); });
      if (!told.reason.empty()) return std::string();
      return fmt::format("{} {}", told.quantities.at("ttft"), told.quantities.at("tpot"));
    };
    const auto answers = run_forked(rows_.size(), task, [](std::size_t, std::size_t) {}, {.processes = processes_});
    Errors errors;
    for (std::size_t i = 0; i < answers.size(); ++i) add(RowCells(table_, *rows_[i]), answers[i].output, errors);
    return errors;
  }

 private:
  static void add(const RowCells& row, const std::string& answer, Errors& errors) {
    const auto space = answer.find(' ');
    if (space == answer.npos) return;
    const double first = std::stod(answer.substr(0, space)), per = std::stod(answer.substr(space));
    const auto error = [&](double seconds, const char* column, std::vector<double>& into) {
      const double measured = row.number(column).value_or(0);
      if (measured > 0 && seconds > 0) into.push_back(std::abs(std::log(1e3 * seconds / measured)));
    };
    error(first, "silicon_ttft_ms", errors.first_token);
    error(per, "silicon_tpot_ms", errors.per_token);
  }

  const CsvTable& table_;
  const Rows& rows_;
  const int processes_;
};

/// Takes a constant up or down as long as that helps; true when it did.
bool improve(EngineProfile& best, double& cost, const HostTime& constant, double factor, const Trial& trial) {
  const double before = constant.get(best);
  for (const bool up : {true, false}) {
    for (bool better = true; better;) {
      const double now = constant.get(best);
      double next = up ? std::max(now * factor, constant.least) : now / factor;
      if (next < constant.least) next = constant.unit.empty() ? constant.least : 0;
      if (next == now) break;
      EngineProfile tried = best;
      constant.set(tried, next);
      const double reached = trial(tried).cost();
      better = reached < cost - 1e-5;
      if (better) best = tried, cost = reached;
    }
    if (constant.get(best) != before) return true;
  }
  return false;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string line(std::string_view what, const Errors& errors) {
  return fmt::format("  {:<18} {:>4} rows  ttft {:>5.1f} %  tpot {:>5.1f} %  mean of both {:>5.1f} %\n", what,
                     errors.per_token.size(), 100 * median(errors.first_token), 100 * median(errors.per_token),
                     100 * errors.cost());
}

EngineProfile fit_engine(const CsvTable& table, EngineProfile engine, const HostFitOptions& options,
                         const std::function<void(std::string_view)>& tell, std::string& report) {
  const Rows fitted = sample(table, engine.name, "fitted", options);
  const Rows checked = sample(table, engine.name, "checked", options);
  if (fitted.empty()) return engine;
  const Trial trial(table, fitted, options.processes), check(table, checked, options.processes);
  report += engine.name + "\n" + line("fitted, before", trial(engine)) + line("checked, before", check(engine));
  double cost = trial(engine).cost();
  for (const double factor : factors)
    for (const HostTime& constant : workload::host_times()) {
      improve(engine, cost, constant, factor, trial);
      tell(fmt::format("{}: x {} {} = {:.4g} {}, {:.2f} %", engine.name, factor, constant.name, constant.get(engine),
                       constant.unit, 100 * cost));
    }
  report += line("fitted, after", trial(engine)) + line("checked, after", check(engine));
  return engine;
}

}  // namespace

std::optional<HostFit> fit_host_times(const std::filesystem::path& file, const HostFitOptions& options,
                                      const std::function<void(std::string_view)>& tell, Issues& issues) {
  const auto table = read_csv(file, issues);
  if (!table) return std::nullopt;
  for (const auto column : serving_table().columns)
    if (!table->column(column)) issues.error({table->file, 1, 1}, "", fmt::format("needs the column \"{}\"", column));
  HostFit fit;
  std::vector<EngineProfile> engines;
  for (const auto& name : workload::engine_names()) engines.push_back(*workload::find_engine(name, issues));
  for (const auto& name : options.engines) workload::find_engine(name, issues);
  if (issues.has_errors()) return std::nullopt;
  const auto asked = [&](const std::string& name) {
    return options.engines.empty() || std::ranges::find(options.engines, name) != options.engines.end();
  };
  for (auto& engine : engines)
    if (asked(engine.name)) engine = fit_engine(*table, engine, options, tell, fit.report);
  fit.times = workload::host_times_text(
      "plenum calibrate engines analysis/measurements/serving_public.csv.zst: least mean of |ln(predicted / measured)| "
      "of both latencies on the part of the table that constants are fitted on; tensorrt-llm-compiled, which that "
      "table "
      "does not have: by hand, on the offline and online tables of TensorRT-LLM",
      engines);
  return fit;
}

}  // namespace plenum::analysis
