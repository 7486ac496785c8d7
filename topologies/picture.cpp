#include "topologies/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/core/units.hpp"
#include "topologies/motif.hpp"

namespace plenum::topology {
namespace {

constexpr double width = 960, row_height = 110, box_height = 46, margin = 30, label_width = 150;
constexpr std::int64_t most_drawn = 12, fewest_drawn = 4;  // boxes of a row; more are told by a number

struct Row {
  std::string title, colour;
  std::int64_t count = 0;
  double y = 0;
};

constexpr std::array<std::string_view, vertex_kinds> titles{"GPU",         "NVLink domain", "NIC",
                                                            "leaf switch", "spine switch",  "core switch"};

std::string counted(std::int64_t count, std::string_view what) {
  const bool hisses = what.ends_with("ch");
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : hisses ? "es" : "s");
}

constexpr std::array<std::string_view, vertex_kinds> colours{"#76b900", "#4c8c2b", "#8a8f98",
                                                             "#2f6db3", "#1d4e89", "#12355b"};

/// As many as share the row's members evenly, where there is such a number.
std::int64_t drawn(std::int64_t count) {
  if (count <= most_drawn) return count;
  for (std::int64_t boxes = most_drawn; boxes >= fewest_drawn; --boxes)
    if (count % boxes == 0) return boxes;
  return most_drawn;
}

double box_width(std::int64_t count) {
  const double room = (width - label_width - 2 * margin) / static_cast<double>(drawn(count));
  return std::min(90.0, room * 0.8);
}

double centre(std::int64_t count, std::int64_t i) {
  const double room = (width - label_width - 2 * margin) / static_cast<double>(drawn(count));
  return margin + label_width + room * (static_cast<double>(i) + 0.5);
}

/// Which drawn box stands for the one with this index: boxes share the row's members evenly.
std::int64_t box_of(std::int64_t index, std::int64_t count) { return index * drawn(count) / count; }

class Picture {
 public:
  Picture(const Cluster& cluster, const ClusterSpecification& specification)
      : cluster_(cluster), specification_(specification) {
    motif_ = motif(specification);
    const double room_for_words = shape_in_words(specification).empty() ? 0 : 45;  // and for arcs below them
    double y = margin + 40 + (motif_.svg.empty() ? room_for_words : motif_size + 20);
    for (std::size_t k = vertex_kinds; k-- > 0;) {
      const auto kind = static_cast<VertexKind>(k);
      if (cluster.numbers.count(kind) == 0 || kind == VertexKind::nic) continue;
      const bool host = cluster.graph[cluster.numbers.of(kind, 0)].host;
      rows_[kind] = {std::string(host ? "host" : titles[k]), std::string(colours[k]), cluster.numbers.count(kind), y};
      y += row_height;
    }
    height_ = y;
  }

  std::string text() {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        "<text x=\"{2}\" y=\"{2}\" font-size=\"17\" font-weight=\"bold\">{3}</text>\n",
        width, height_, margin, title());
    return svg + shape() + lines() + boxes() + "</svg>\n";
  }

 private:
  struct Bundle {
    std::int64_t cables = 0;
    double bandwidth = 0;
  };

  std::string title() const {
    const auto kind = names_of(specification_.fabric.kind)[static_cast<std::size_t>(specification_.fabric.kind)];
    auto name = std::string(kind);
    std::ranges::replace(name, '_', ' ');
    return fmt::format("{}, {}, {}", counted(cluster_.nodes, "node"),
                       counted(static_cast<std::int64_t>(cluster_.gpus.size()), "GPU"), name);
  }

  /// Under the title: what the fabric is, and its motif.
  std::string shape() const {
    auto svg = fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"#333a45\">{}</text>\n", margin, margin + 20,
                           shape_in_words(specification_));
    if (motif_.svg.empty()) return svg;
    svg += fmt::format("<g transform=\"translate({} {})\">\n{}</g>\n", margin + label_width, margin + 28, motif_.svg);
    return svg + fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"10\" fill=\"#5b6472\">{}</text>\n", margin,
                             margin + 28 + motif_size / 2, motif_.caption);
  }

  /// NICs are not drawn: their cables start at the NVLink domain, the host or the GPU that they serve.
  std::pair<VertexKind, std::int64_t> shown(VertexId vertex) const {
    const auto& v = cluster_.graph[vertex];
    if (v.kind != VertexKind::nic) return {v.kind, v.index};
    if (!rows_.contains(VertexKind::nvswitch))
      return {VertexKind::gpu, std::int64_t{v.parent} * cluster_.gpus_per_node};
    return {VertexKind::nvswitch, v.parent / specification_.node.nvlink_domain_nodes};
  }

  std::string lines() const {
    std::map<std::array<std::int64_t, 4>, Bundle> bundles;
    for (VertexId v = 0; v < num_vertices(cluster_.graph); ++v)
      for (const auto edge : edges_from(v, cluster_.graph)) {
        const auto to = target(edge, cluster_.graph);
        if (cluster_.graph[edge].kind == LinkKind::pcie || to < v) continue;
        const auto [a, i] = shown(v);
        const auto [b, j] = shown(to);
        auto& bundle = bundles[{static_cast<std::int64_t>(a), box_of(i, rows_.at(a).count),
                                static_cast<std::int64_t>(b), box_of(j, rows_.at(b).count)}];
        ++bundle.cables;
        bundle.bandwidth += cluster_.graph[edge].bandwidth.value();
      }
    std::string svg;
    std::map<std::pair<std::int64_t, std::int64_t>, Bundle> between;
    for (const auto& [ends, bundle] : bundles) {
      svg += line(ends, bundle);
      auto& all = between[{ends[0], ends[2]}];
      all.cables += bundle.cables, all.bandwidth += bundle.bandwidth;
    }
    for (const auto& [rows, all] : between) {
      const auto& upper = rows_.at(static_cast<VertexKind>(std::max(rows.first, rows.second)));
      svg += sum(upper.y + (rows.first == rows.second ? 44 : box_height + 36), all);
    }
    return svg;
  }

  /// Beside the lines of two rows, or of one: all links and their bandwidth in one direction.
  static std::string sum(double y, const Bundle& all) {
    return fmt::format("<text x=\"{}\" y=\"{:.1f}\" font-size=\"10\" fill=\"#5b6472\">{} links, {}</text>\n", margin, y,
                       all.cables, format(BytesPerSecond(all.bandwidth)));
  }

  std::string line(const std::array<std::int64_t, 4>& ends, const Bundle& bundle) const {
    const auto& a = rows_.at(static_cast<VertexKind>(ends[0]));
    const auto& b = rows_.at(static_cast<VertexKind>(ends[2]));
    const double x1 = centre(a.count, ends[1]), x2 = centre(b.count, ends[3]);
    const double thickness = std::clamp(0.6 + std::log10(static_cast<double>(bundle.cables)), 0.6, 2.4);
    if (&a == &b && ends[1] == ends[3]) return "";
    if (&a == &b)  // between switches of one row: an arc above it
      return fmt::format(
          "<path d=\"M {:.1f} {:.1f} Q {:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" stroke=\"#9aa4b2\" "
          "stroke-width=\"{:.2f}\"/>\n",
          x1, a.y, (x1 + x2) / 2, a.y - 12 - std::abs(x2 - x1) / 12, x2, a.y, thickness);
    return fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#9aa4b2\" "
        "stroke-width=\"{:.2f}\"/>\n",
        x1, a.y, x2, b.y + box_height, thickness);
  }

  std::string boxes() const {
    std::string svg;
    for (const auto& [kind, row] : rows_) {
      svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" font-size=\"13\">{}</text>\n", margin, row.y + 28,
                         counted(row.count, row.title));
      for (std::int64_t i = 0; i < drawn(row.count); ++i) svg += box(row, i);
    }
    return svg;
  }

  std::string box(const Row& row, std::int64_t i) const {
    const double w = box_width(row.count), x = centre(row.count, i) - w / 2;
    const auto first = (i * row.count + drawn(row.count) - 1) / drawn(row.count);
    const auto last = ((i + 1) * row.count + drawn(row.count) - 1) / drawn(row.count) - 1;
    const auto label = first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" rx=\"5\" fill=\"{}\"/>\n<text x=\"{:.1f}\" "
        "y=\"{:.1f}\" font-size=\"{:.1f}\" fill=\"white\" text-anchor=\"middle\">{}</text>\n",
        x, row.y, w, box_height, row.colour, x + w / 2, row.y + 28,
        std::min(11.0, w / (0.62 * static_cast<double>(label.size()))), label);
  }

  const Cluster& cluster_;
  const ClusterSpecification& specification_;
  std::map<VertexKind, Row> rows_;
  Motif motif_;
  double height_ = 0;
};

}  // namespace

std::string picture(const Cluster& cluster, const ClusterSpecification& specification) {
  return Picture(cluster, specification).text();
}

}  // namespace plenum::topology
