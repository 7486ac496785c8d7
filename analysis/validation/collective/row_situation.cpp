#include "analysis/validation/collective/row_situation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

namespace plenum::analysis {
namespace {

using calibration::Launch;

/// Link of a GPU into its node and NICs of a node of eight, by data sheet.
struct Generation {
  std::string_view gpu_prefix, architecture;
  double link;        ///< B/s per direction
  double nic;         ///< B/s per GPU in the usual node
  std::int64_t rack;  ///< GPUs in an NVLink domain that spans nodes; 0: a node is a domain
};
constexpr std::array generations{
    Generation{"V100", "volta", 150e9, 12.5e9, 0},      Generation{"A100", "ampere", 300e9, 25e9, 0},
    Generation{"H100", "hopper", 450e9, 50e9, 0},       Generation{"H200", "hopper", 450e9, 50e9, 0},
    Generation{"H800", "hopper", 200e9, 50e9, 0},       Generation{"B200", "blackwell", 900e9, 50e9, 0},
    Generation{"B300", "blackwell", 900e9, 100e9, 0},   Generation{"GB200", "blackwell", 900e9, 50e9, 72},
    Generation{"GB300", "blackwell", 900e9, 100e9, 72}, Generation{"L40S", "pcie4", 31.5e9, 25e9, 0},
    Generation{"L40", "pcie4", 31.5e9, 25e9, 0},        Generation{"L4", "pcie4", 31.5e9, 25e9, 0},
    Generation{"RTX PRO", "pcie5", 63e9, 50e9, 0},
};
constexpr double bridge = 300e9;        // NVLink bridge of two PCIe boards, A100 and H100 alike
constexpr double unstated = 100e9 / 8;  // a cloud's virtual machines: one 100 Gb/s adapter

const Generation& generation_of(const RowCells& row) {
  for (const auto& generation : generations)
    if (row.text("gpu").starts_with(generation.gpu_prefix)) return generation;
  throw Unsupported{fmt::format("no calibration for GPU \"{}\"", row.text("gpu"))};
}

CollectiveKind kind_of(const RowCells& row) {
  const std::string name(row.text("operation"));
  static const std::array<std::pair<std::string_view, CollectiveKind>, 3> synonyms{
      {{"alltoall", CollectiveKind::all_to_all},
       {"send_recv", CollectiveKind::send_receive},
       {"sendrecv", CollectiveKind::send_receive}}};
  for (const auto& [synonym, kind] : synonyms)
    if (name == synonym) return kind;
  const auto found = std::ranges::find(collective_names, name);
  if (found == collective_names.end()) throw Unsupported{fmt::format("operation \"{}\" is not modelled", name)};
  return static_cast<CollectiveKind>(found - collective_names.begin());
}

/// "Ring (NCCL_NVLS_ENABLE=0)", "NVLS", "NVLSTree (forced)", "default = Ring".
std::optional<CollectiveAlgorithm> algorithm_of(const RowCells& row) {
  const auto mentions = [&](std::string_view word) { return row.mentions("algorithm", word); };
  if (mentions("nvlstree")) return CollectiveAlgorithm::nvls_tree;
  if (row.text("algorithm").starts_with("Ring") || mentions("= ring")) return CollectiveAlgorithm::ring;
  if (row.text("algorithm") == "Tree") return CollectiveAlgorithm::tree;
  if (row.text("algorithm") == "NVLS" || mentions("= nvls")) return CollectiveAlgorithm::nvls;
  return std::nullopt;
}

/// NCCL with a stated version was timed in graphs or by recent nccl-tests; frameworks' own benchmarks wait for each
/// call.
Launch launch_of(const RowCells& row) {
  if (row.mentions("library", "bench.py")) return Launch::framework;
  if (row.mentions("library", "graph") || row.text("library").starts_with("NCCL 2")) return Launch::graph;
  return Launch::stream;
}

Transport transport_of(const RowCells& row) {
  const auto mentions = [&](std::string_view word) {
    return row.mentions("interconnect", word) || row.mentions("system", word) || row.mentions("library", word);
  };
  if (mentions("efa") || mentions("ofi-nccl") || mentions("p5en") || mentions("aws")) return Transport::efa;
  if (mentions("tcpx")) return Transport::tcpx;
  if (mentions("roce") || mentions("gib")) return Transport::roce;
  if (mentions("not stated") || row.mentions("gpu", "pairwise")) return Transport::ethernet;
  return Transport::infiniband;
}

/// "8x400G IB", "EFA 4x100Gb", "EFA 8x 50GB/s", "EFA 3200Gb": bytes per second of a node's NICs.
std::optional<double> stated_network(const std::string& text) {
  static const std::regex several(R"((\d+) ?x ?(\d+) ?G(B/s)?)"), total(R"((\d{3,5}) ?G)");
  std::smatch found;
  if (std::regex_search(text, found, several))
    return std::stod(found[1]) * std::stod(found[2]) * 1e9 / (found[3].matched ? 1 : 8);
  if (std::regex_search(text, found, total)) return std::stod(found[1]) * 1e9 / 8;
  return std::nullopt;
}

struct Shape {
  std::int64_t ranks, nodes, per_node;
};

Shape shape_of(const RowCells& row) {
  const auto ranks = row.required("n_gpus");
  if (ranks < 2) throw Unsupported{"a collective needs at least two GPUs"};
  const auto nodes = row.integer("n_nodes").value_or(1);
  if (nodes < 1 || ranks % nodes != 0) throw Unsupported{"nodes with unequal numbers of ranks are not modelled"};
  return {ranks, nodes, ranks / nodes};
}

bool bridged_pairs(const RowCells& row) { return row.mentions("gpu", "pairwise"); }

double node_network(const RowCells& row, Transport transport) {
  if (transport == Transport::ethernet) return unstated;
  if (const auto stated = stated_network(std::string(row.text("interconnect")))) return *stated;
  const auto per_node = std::max(shape_of(row).per_node, row.integer("gpus_per_node").value_or(1));
  return generation_of(row).nic * static_cast<double>(per_node);
}

std::int64_t domains_of(const RowCells& row, const Generation& generation) {
  const auto shape = shape_of(row);
  return generation.rack > 0 ? (shape.ranks + generation.rack - 1) / generation.rack : shape.nodes;
}

}  // namespace

calibration::CollectiveSample sample_of(const RowCells& row) {
  const auto& generation = generation_of(row);
  const auto shape = shape_of(row);
  calibration::CollectiveSample sample{.situation = {},
                                       .kind = kind_of(row),
                                       .algorithm = algorithm_of(row),
                                       .bytes = Bytes(row.required("message_bytes")),
                                       .measured = Seconds(row.number("time_us").value_or(0) * 1e-6)};
  auto& s = sample.situation;
  s = {.architecture = std::string(generation.architecture),
       .transport = transport_of(row),
       .launch = launch_of(row),
       .ranks = shape.ranks,
       .domains = domains_of(row, generation),
       .link = BytesPerSecond(generation.link),
       .network = {}};
  if (s.ranks % s.domains != 0) throw Unsupported{"NVLink domains with unequal numbers of ranks are not modelled"};
  if (bridged_pairs(row)) {
    s.link = BytesPerSecond(bridge);
    if (shape.per_node > 2) {  // rings leave the pairs over the host: PCIe 4 of A100 boards, PCIe 5 of H100 boards
      const bool older = generation.architecture == "ampere";
      s.architecture = older ? "pcie4" : "pcie5";
      s.link = BytesPerSecond(older ? 31.5e9 : 63e9);
    }
  }
  if (s.domains > 1)
    s.network = BytesPerSecond(node_network(row, s.transport) * static_cast<double>(shape.nodes / s.domains));
  return sample;
}

topology::ClusterSpecification cluster_of_collective(const RowCells& row) {
  const auto s = sample_of(row).situation;
  const auto shape = shape_of(row);
  topology::ClusterSpecification cluster;
  cluster.nodes = shape.nodes;
  cluster.node.gpus = shape.per_node;
  cluster.node.nvlink = s.link;
  cluster.node.nvlink_domain_nodes = shape.nodes / s.domains;
  cluster.node.nics = shape.per_node;
  cluster.fabric.kind = s.domains > 1 ? topology::FabricKind::fat_tree : topology::FabricKind::none;
  if (s.domains > 1) {
    const auto nics = static_cast<double>(shape.per_node * cluster.node.nvlink_domain_nodes);
    cluster.node.nic = cluster.fabric.link = s.network / nics;
    cluster.node.pcie = std::max(cluster.node.pcie, 2 * cluster.node.nic);
  }
  return cluster;
}

}  // namespace plenum::analysis
