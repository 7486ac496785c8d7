// NCCL's topology (XML): system > cpu > pci > ... > gpu with its nvlinks, and nic > net. Boost reads the XML.
#include <fmt/format.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

#include "calibration/import/import.hpp"

namespace plenum::calibration {
namespace {

using Tree = boost::property_tree::ptree;

std::string attribute(const Tree& node, const std::string& name) {
  return node.get("<xmlattr>." + name, std::string("?"));
}

void read_gpu(const Tree& gpu, MeasurementFile& file) {
  const std::string name = "gpu" + attribute(gpu, "dev");
  file.facts.push_back({name + " compute capability", attribute(gpu, "sm")});
  for (const auto& [tag, child] : gpu)
    if (tag == "nvlink")
      file.facts.push_back({fmt::format("{} nvlink {}", name, attribute(child, "target")), attribute(child, "count")});
}

void read_node(const std::string& tag, const Tree& node, MeasurementFile& file) {
  if (tag == "gpu") read_gpu(node, file);
  if (tag == "net")
    file.facts.push_back({"net " + attribute(node, "name") + " speed", attribute(node, "speed") + " Mb/s"});
  if (tag == "pci")
    file.facts.push_back(
        {"pci " + attribute(node, "busid"), attribute(node, "link_speed") + " x " + attribute(node, "link_width")});
  for (const auto& [child_tag, child] : node)
    if (child_tag != "<xmlattr>") read_node(child_tag, child, file);
}

}  // namespace

std::optional<MeasurementFile> import_nccl_topology(std::string_view text, const std::string& name, Issues& issues) {
  Tree tree;
  try {
    std::istringstream stream{std::string(text)};
    boost::property_tree::read_xml(stream, tree);
  } catch (const boost::property_tree::xml_parser_error& error) {
    issues.error({name, static_cast<int>(error.line()), 1}, "", fmt::format("no well-formed XML: {}", error.message()));
    return std::nullopt;
  }
  if (!tree.get_child_optional("system")) {
    issues.error({name, 1, 1}, "", "no element <system>: is this a file that NCCL_TOPO_DUMP_FILE named?");
    return std::nullopt;
  }
  MeasurementFile file;
  read_node("system", tree.get_child("system"), file);
  return file;
}

}  // namespace plenum::calibration
