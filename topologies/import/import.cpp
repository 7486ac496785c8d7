#include "topologies/import/import.hpp"

#include <algorithm>

#include "sim/core/files.hpp"

namespace plenum::topology {

const ImportFormat* import_format(const std::filesystem::path& file) {
  const auto extension = file.extension().string();
  const auto found = std::ranges::find(import_formats, extension, &ImportFormat::extension);
  return found == import_formats.end() ? nullptr : &*found;
}

std::optional<ClusterSpecification> import_cluster(const std::filesystem::path& file, Issues& issues) {
  const auto text = read_whole(file, issues, largest_import);
  auto cluster = text ? import_format(file)->import(*text, file.string(), issues) : std::nullopt;
  if (cluster && cluster->name.empty()) cluster->name = file.stem().string();
  return cluster;
}

}  // namespace plenum::topology
