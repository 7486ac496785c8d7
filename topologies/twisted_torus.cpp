#include <algorithm>
#include <array>

#include "topologies/switch_graph.hpp"

namespace plenum::topology {

bool has_twisted_torus(std::vector<std::int64_t> sizes) {
  std::ranges::sort(sizes);
  return sizes.size() == 3 && sizes[0] > 1 && sizes[0] == sizes[1] && sizes[2] == 2 * sizes[0];
}

SwitchGraph twisted_torus(const std::vector<std::int64_t>& sizes, std::int64_t cables) {
  const auto longest = static_cast<std::size_t>(std::ranges::max_element(sizes) - sizes.begin());
  SwitchGraph graph{.leaves = sizes[0] * sizes[1] * sizes[2]};
  const std::array strides{std::int64_t{1}, sizes[0], sizes[0] * sizes[1]};
  const auto along = [&](std::int64_t at, std::size_t d, std::int64_t steps) {
    const auto x = at / strides[d] % sizes[d];
    return at + ((x + steps) % sizes[d] - x) * strides[d];
  };
  for (std::size_t d = 0; d < sizes.size(); ++d)
    for (std::int64_t at = 0; at < graph.leaves; ++at) {
      const bool closes = at / strides[d] % sizes[d] + 1 == sizes[d];
      auto next = along(at, d, 1);
      if (closes && d != longest) next = along(next, longest, sizes[longest] / 2);
      graph.cables.push_back({at, next, cables});
    }
  return graph;
}

}  // namespace plenum::topology
