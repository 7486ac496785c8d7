// One node as NCCL saw it: system > cpu > pci > ... > gpu with its nvlinks, and nic > net. Links of an NVSwitch have no
// GPU as their target; links between GPUs in pairs are bridges.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "topologies/import/import.hpp"
#include "topologies/import/number.hpp"
#include "topologies/import/xml.hpp"

namespace plenum::topology {
namespace {

using xml::Element;

/// Data sheets: B/s of one NVLink per direction by compute capability, and a catalogue GPU that has it.
struct Generation {
  std::int64_t least_sm;
  double link;
  std::string_view gpu;
};
constexpr std::array generations{Generation{100, 50e9, "B200-SXM"}, Generation{90, 25e9, "H100-SXM"},
                                 Generation{80, 25e9, "A100-80GB-SXM"}, Generation{0, 25e9, "V100-32GB-SXM"}};
constexpr std::string_view gpu_class = "0x03";  // PCI class of display controllers; bridges are 0x0604, 0x0680
constexpr double megabit = 1e6 / 8;

std::int64_t whole(const Element& element, std::string_view key, std::int64_t high, Issues& issues) {
  const auto value = number_in<std::int64_t>(element.attribute(key));
  if (value && *value >= 1 && *value <= high) return *value;
  issues.error(element.where, "", fmt::format("<{}> needs {}=\"1\" to \"{}\"", element.name, key, high));
  return 1;
}

/// "16.0 GT/s PCIe" or "16 GT/s" times the width, less the coding (128b/130b from 8 GT/s on).
double pcie_rate(const Element& pci) {
  const auto speed = pci.attribute("link_speed"), width = pci.attribute("link_width");
  double transfers = 0;
  std::int64_t lanes = 0;
  std::from_chars(speed.data(), speed.data() + speed.size(), transfers);
  std::from_chars(width.data(), width.data() + width.size(), lanes);
  return transfers * 1e9 * static_cast<double>(lanes) / 8 * 128 / 130;
}

class Node {
 public:
  Node(const std::string& name, Issues& issues) : name_(name), issues_(issues) {}

  void read(const Element& element, const Element* pci) {
    if (element.name == "gpu") return add_gpu(element, pci);
    if (element.name == "net") return add_net(element);
    for (const auto& child : element.children) read(child, element.name == "pci" ? &element : pci);
  }

  std::optional<ClusterSpecification> cluster(const Position& where) {
    if (gpus_ == 0) issues_.error(where, "", "no <gpu>: is this a file that NCCL_TOPO_DUMP_FILE named?");
    if (nics_ > gpus_) issues_.error(where, "", fmt::format("{} NICs for {} GPUs; at most one per GPU", nics_, gpus_));
    if (issues_.has_errors()) return std::nullopt;
    ClusterSpecification cluster;
    cluster.source = name_;
    cluster.gpu = generation().gpu;
    cluster.node.gpus = gpus_;
    cluster.node.nics = nics_;
    cluster.node.interconnect = interconnect();
    if (links_ > 0) cluster.node.nvlink = BytesPerSecond(static_cast<double>(links_) * generation().link);
    if (pcie_ > 0) cluster.node.pcie = BytesPerSecond(pcie_);
    if (nics_ > 0) cluster.node.nic = cluster.fabric.link = BytesPerSecond(static_cast<double>(speed_) * megabit);
    cluster.fabric.kind = nics_ > 0 ? FabricKind::fat_tree : FabricKind::none;
    return cluster;
  }

 private:
  void add_gpu(const Element& gpu, const Element* pci) {
    ++gpus_;
    sm_ = whole(gpu, "sm", 1000, issues_);
    if (pci != nullptr) pcie_ = std::max(pcie_, pcie_rate(*pci));
    std::int64_t links = 0, neighbours = 0;
    for (const auto& link : gpu.children) {
      if (link.name != "nvlink") continue;
      links += whole(link, "count", 1000, issues_);
      neighbours += link.attribute("tclass").starts_with(gpu_class);
    }
    links_ = std::max(links_, links);
    most_neighbours_ = std::max(most_neighbours_, neighbours);
  }

  void add_net(const Element& net) {
    ++nics_;
    speed_ = whole(net, "speed", 10'000'000, issues_);
  }

  const Generation& generation() const {
    return *std::ranges::find_if(generations, [&](const auto& g) { return sm_ >= g.least_sm; });
  }

  Interconnect interconnect() const {
    if (links_ == 0) return Interconnect::pcie;
    return most_neighbours_ == 1 ? Interconnect::bridged_pairs
                                 : Interconnect::nvswitch;  // a mesh is taken for a switch
  }

  std::string name_;
  Issues& issues_;
  std::int64_t gpus_ = 0, nics_ = 0, sm_ = 0, links_ = 0, speed_ = 0, most_neighbours_ = 0;
  double pcie_ = 0;
};

}  // namespace

std::optional<ClusterSpecification> import_nccl_node(std::string_view text, const std::string& name, Issues& issues) {
  const auto root = xml::parse(text, name, issues);
  if (!root) return std::nullopt;
  if (root->name != "system") {
    issues.error(root->where, "", "no <system>: is this a file that NCCL_TOPO_DUMP_FILE named?");
    return std::nullopt;
  }
  Node node(name, issues);
  node.read(*root, nullptr);
  auto cluster = node.cluster(root->where);
  if (!cluster) return std::nullopt;
  for (const auto& problem : check(*cluster)) issues.error(root->where, problem.pointer, problem.message);
  return issues.has_errors() ? std::nullopt : std::move(cluster);
}

}  // namespace plenum::topology
