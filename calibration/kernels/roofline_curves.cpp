#include "calibration/kernels/roofline_curves.hpp"

#include <cmath>

#include "calibration/packed_numbers.hpp"

namespace plenum::calibration {

void describe(Fields& fields, RooflineCurve& c) {
  fields.required("family", c.family, "Kernel family; calibration/README.md has the sizes of each");
  fields.required("framework", c.framework, "Whose kernels were timed");
  fields.required("precision", c.precision, "Of weights and operands; of the cache when decoding");
  fields.optional("head_dim", c.head_dim, "Head dimension of attention", at_least(0));
  fields.required("floor", c.floor, "Shortest kernel of the curve", positive());
  fields.optional("unrouted", c.habits.unrouted, "Share of other GPUs' rows that the kernels walk", between(0, 1));
  fields.optional("computed", c.habits.computed, "Share of the rows beside one's own that they compute", between(0, 1));
  fields.optional("expert", c.habits.expert, "Microseconds for each expert on the GPU, with rows or without",
                  at_least(0));
  fields.optional("step", c.habits.step, "Microseconds per column that a block walks", at_least(0));
  fields.optional("empty_row", c.habits.empty_row, "Rows that each row costs which the last tile of a layer lacks",
                  at_least(0));
  std::string text;
  fields.required("times_roofline", text,
                  "Time over roofline at the nodes, the last axis fastest, separated by blanks");
  c.times_roofline = unpacked(text);
}

void RooflineCurves::add(const RooflineCurve& curve) {
  PreparedRooflineCurve prepared{double(curve.head_dim), curve.floor.value() * 1e6,
                                 curve.habits,           bytes_per_element(curve.precision),
                                 curve.times_roofline,   false};
  for (double& ratio : prepared.log2_ratio) ratio = std::log2(ratio);
  curves_[slot(curve.family, curve.framework, curve.precision)].push_back(std::move(prepared));
}

void RooflineCurves::inherit(RooflineCurves&& relative) {
  for (std::size_t s = 0; s < curves_.size(); ++s) {
    if (!curves_[s].empty()) continue;
    curves_[s] = std::move(relative.curves_[s]);
    for (PreparedRooflineCurve& curve : curves_[s]) curve.inherited = true;
  }
}

const PreparedRooflineCurve* RooflineCurves::find(KernelFamily family, Framework framework, Precision precision,
                                                  double head_dim) const {
  const PreparedRooflineCurve* nearest = nullptr;
  double nearest_ratio = 0;
  for (const auto& curve : curves_[slot(family, framework, precision)]) {
    const double ratio = curve.head_dim > head_dim ? curve.head_dim / head_dim : head_dim / curve.head_dim;
    if (nearest && !(ratio < nearest_ratio)) continue;
    nearest = &curve;
    nearest_ratio = ratio;
  }
  return nearest;
}

std::size_t RooflineCurves::slot(KernelFamily family, Framework framework, Precision precision) {
  return (static_cast<std::size_t>(family) * framework_names.size() + static_cast<std::size_t>(framework)) *
             precision_names.size() +
         static_cast<std::size_t>(precision);
}

}  // namespace plenum::calibration
