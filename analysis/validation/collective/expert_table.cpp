#include "analysis/validation/collective/expert_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/validation/row_cells.hpp"
#include "sim/datacenter/expert_exchange_run.hpp"
#include "topologies/routing.hpp"

namespace plenum::analysis {
namespace {

using calibration::ExchangeMode;
using calibration::ExpertExchange;

struct Generation {
  std::string_view word, architecture;
  double link, nic;
};
/// First match wins. Names as the tables of the publications spell them.
constexpr std::array generations{
    Generation{"GB200", "blackwell", 900e9, 50e9}, Generation{"GB300", "blackwell", 900e9, 100e9},
    Generation{"B200", "blackwell", 900e9, 50e9},  Generation{"B300", "blackwell", 900e9, 100e9},
    Generation{"SM100", "blackwell", 900e9, 50e9}, Generation{"H800", "hopper", 200e9, 50e9},
    Generation{"H100", "hopper", 450e9, 50e9},     Generation{"H200", "hopper", 450e9, 50e9},
    Generation{"SM90", "hopper", 450e9, 50e9}};
constexpr std::int64_t usual_multiprocessors = 24;  // DeepEP's default in the tables that state it

ExpertExchange exchange_of(const RowCells& row, bool combine) {
  const auto found = std::ranges::find_if(
      generations, [&](auto& g) { return row.text("gpu").find(g.word) != std::string_view::npos; });
  if (found == generations.end()) throw Unsupported{fmt::format("no calibration for GPU \"{}\"", row.text("gpu"))};
  ExpertExchange e{.architecture = std::string(found->architecture),
                   .mode = row.mentions("mode", "low-latency") ? ExchangeMode::low_latency : ExchangeMode::normal,
                   .combine = combine,
                   .ranks = row.required("ep_size"),
                   .domains = row.required("n_nodes"),
                   .tokens = row.required("tokens_per_gpu"),
                   .hidden = row.required("hidden"),
                   .top_k = row.required("topk"),
                   .multiprocessors = row.integer("sms").value_or(usual_multiprocessors),
                   .link = BytesPerSecond(found->link),
                   .nic = BytesPerSecond(found->nic)};
  if (e.domains > e.ranks || e.ranks % e.domains != 0)
    throw Unsupported{"nodes with unequal numbers of ranks are not modelled"};
  return e;
}

std::string_view column_of(bool combine) { return combine ? "combine_us" : "dispatch_us"; }

std::optional<double> measured(const RowCells& row, bool combine) {
  try {
    const auto microseconds = row.number(column_of(combine));
    if (microseconds && *microseconds > 0) return *microseconds * 1e-6;
  } catch (const Unsupported&) {
  }
  return std::nullopt;
}

topology::ClusterSpecification cluster_of(const ExpertExchange& e) {
  topology::ClusterSpecification cluster;
  cluster.nodes = e.domains;
  cluster.node.gpus = cluster.node.nics = e.ranks / e.domains;
  cluster.node.nvlink = e.link;
  cluster.fabric.kind = e.domains > 1 ? topology::FabricKind::fat_tree : topology::FabricKind::none;
  cluster.node.nic = cluster.fabric.link = e.nic;
  cluster.node.pcie = std::max(cluster.node.pcie, 2 * e.nic);
  return cluster;
}

Prediction unsupported(const std::string& reason) { return {.reason = reason, .footing = {}, .quantities = {}}; }

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  try {
    const auto e = exchange_of(RowCells(table, row), false);
    const auto specification = cluster_of(e);
    if (const auto problems = topology::check(specification); !problems.empty())
      return unsupported(problems.front().message);
    const auto cluster = topology::build(specification);
    const auto network = topology::make_network(cluster, specification);
    const auto times = datacenter::run_exchange(datacenter::route_exchange(*network, e), e);
    return {.reason = {},
            .footing = "measured",
            .quantities = {{"dispatch_time", times.dispatch.value()}, {"combine_time", times.combine.value()}}};
  } catch (const Unsupported& reason) {
    return unsupported(reason.reason);
  }
}

std::string group_of(const RowCells& row) {
  return fmt::format("{}|{}|{}|{}|{}", row.text("gpu"), row.text("mode"), row.text("ep_size"), row.text("experts"),
                     row.text("sms"));
}

std::string token_class(const RowCells& row) {
  try {
    const auto tokens = row.required("tokens_per_gpu");
    return tokens < 64 ? "a below 64" : tokens < 1024 ? "b 64 to 1,023" : "c 1,024 and more";
  } catch (const Unsupported&) {
    return "unknown";
  }
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = std::to_string(row.line);
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  described.labels = {{"part", std::string(part_of(group_of(cells)))},
                      {"mode", text("mode")},
                      {"gpu", text("gpu")},
                      {"nodes", text("n_nodes")},
                      {"tokens", token_class(cells)}};
  described.quantities = {{"dispatch_time", "s", measured(cells, false), {}},
                          {"combine_time", "s", measured(cells, true), {}}};
  return described;
}

std::string line(std::string_view name, const std::vector<calibration::ExchangeSample>& samples,
                 const calibration::ExchangeCurves& curves) {
  std::vector<double> errors;
  for (const auto& sample : samples)
    errors.push_back(std::abs(calibration::alone(sample.exchange, curves) / sample.measured - 1));
  if (errors.empty()) return "";
  std::ranges::sort(errors);
  const auto at = [&](double share) {
    return 100 * errors[static_cast<std::size_t>(share * double(errors.size() - 1))];
  };
  return fmt::format("  {:<10} {:>5} times  median {:>5.1f} %  95th {:>5.1f} %\n", name, errors.size(), at(0.5),
                     at(0.95));
}

}  // namespace

TableKind expert_table() {
  return {
      .name = "alltoall",
      .holds = "exchanges of tokens with experts (DeepEP)",
      .columns = {"gpu", "n_nodes", "ep_size", "mode", "tokens_per_gpu", "hidden", "topk", "dispatch_us", "combine_us"},
      .groupings = {"part", "mode", "gpu", "nodes", "tokens"},
      .measurements = {column_of(false), column_of(true)},
      .coloured_by = "mode",
      .describe = describe,
      .predict = predict};
}

std::optional<ExchangeFit> fit_exchanges(const std::filesystem::path& file, Issues& issues) {
  const auto table = read_csv(file, issues);
  if (!table) return std::nullopt;
  std::vector<calibration::ExchangeSample> fitted, checked;
  for (const auto& row : table->rows) {
    const RowCells cells(*table, row);
    for (const bool combine : {false, true}) {
      try {
        const auto time = measured(cells, combine);
        if (!time) continue;
        auto& part = part_of(group_of(cells)) == "fitted" ? fitted : checked;
        part.push_back({exchange_of(cells, combine), Seconds(*time)});
      } catch (const Unsupported&) {
        continue;
      }
    }
  }
  const auto held_out = calibration::fit_exchange_curves(fitted);
  ExchangeFit fit;
  fit.report =
      "fitted on the groups \"fitted\" alone\n" + line("fitted", fitted, held_out) + line("checked", checked, held_out);
  fitted.insert(fitted.end(), checked.begin(), checked.end());
  fit.curves = calibration::fit_exchange_curves(fitted);
  fit.report += "fitted on all rows\n" + line("all", fitted, fit.curves);
  return fit;
}

}  // namespace plenum::analysis
