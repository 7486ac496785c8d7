#include "analysis/validation/collective/collective_table.hpp"

#include <fmt/format.h>

#include "analysis/validation/collective/row_situation.hpp"
#include "sim/datacenter/collective_run.hpp"

namespace plenum::analysis {
namespace {

Prediction unsupported(const std::string& reason) { return {.reason = reason, .footing = {}, .quantities = {}}; }

std::string size_class(const RowCells& row) {
  const auto bytes = row.number("message_bytes").value_or(0);
  if (bytes < 1 << 20) return bytes < 64 << 10 ? "a below 64 KiB" : "b 64 KiB to 1 MiB";
  if (bytes < 1 << 26) return "c 1 to 64 MiB";
  return bytes < 1 << 30 ? "d 64 MiB to 1 GiB" : "e 1 GiB and more";
}

std::string limit_of(const RowCells& row) {
  return row.number("message_bytes").value_or(0) < double(one_mebibyte.value()) ? "below 1 MiB" : "1 MiB and more";
}

/// A label must not throw: a cell that can't be read is "unknown".
template <class Read>
std::string text_or_unknown(const Read& read) {
  try {
    return read();
  } catch (const Unsupported&) {
    return "unknown";
  }
}

std::optional<double> measured_time(const RowCells& row) {
  try {
    const auto microseconds = row.number("time_us");
    if (microseconds && *microseconds > 0) return *microseconds * 1e-6;
  } catch (const Unsupported&) {
  }
  return std::nullopt;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  try {
    const auto sample = sample_of(cells);
    const auto specification = cluster_of_collective(cells);
    if (const auto problems = topology::check(specification); !problems.empty())
      return unsupported(problems.front().message);
    const auto [method, refusal] =
        calibration::choose(sample.situation, sample.kind, sample.bytes, sample.algorithm, {});
    if (!refusal.empty()) return unsupported(refusal);
    const auto cluster = topology::build(specification);
    const auto network = topology::make_network(cluster, specification);
    const auto result = datacenter::run_collective(
        cluster, *network,
        {.situation = sample.situation, .kind = sample.kind, .method = method, .bytes = sample.bytes, .group = {}},
        true);
    return {.reason = {}, .footing = "measured", .quantities = {{"time", result.time.value()}}};
  } catch (const Unsupported& reason) {
    return unsupported(reason.reason);
  }
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  described.labels = {{"limit", text_or_unknown([&] { return limit_of(cells); })},
                      {"part", std::string(part_of(cells.text("group")))},
                      {"operation", text("operation")},
                      {"gpu", text("gpu")},
                      {"nodes", text("n_nodes")},
                      {"size", text_or_unknown([&] { return size_class(cells); })},
                      {"library", text("library")},
                      {"system", text("system")}};
  described.quantities = {{"time", "s", measured_time(cells), {}}};
  return described;
}

}  // namespace

TableKind collective_table() {
  return {.name = "collectives",
          .holds = "collectives as nccl-tests prints them",
          .columns = {"id", "group", "gpu", "operation", "n_gpus", "n_nodes", "interconnect", "message_bytes",
                      "time_us", "algorithm", "library", "system"},
          .groupings = {"limit", "part", "operation", "gpu", "nodes", "size", "library", "system"},
          .measurements = {"time_us"},
          .coloured_by = "operation",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
