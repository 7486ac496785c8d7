#include "sim/datacenter/training/segment.hpp"

#include <algorithm>
#include <numeric>

#include "calibration/attention_kernels.hpp"
#include "calibration/training_slowdown.hpp"

namespace plenum::datacenter {
namespace {

/// Families of kernels are the first parts of a breakdown, under the same names.
static_assert(std::equal(workload::family_names.begin(), workload::family_names.end() - 1, part_names.begin()));

using calibration::Device;
using calibration::Estimate;

double slowdown(const Device& device, Precision precision, workload::Family family) {
  const bool attention = family == workload::Family::attention;
  return device.sustained_slowdown(precision) * (attention ? calibration::attention_slowdown(device, precision)
                                                           : calibration::training_slowdown(device, precision));
}

Estimate time_of(const workload::MatrixProduct& w, workload::Family family, const Device& device) {
  Estimate estimate = device.matrix_product(w.m, w.n, w.k, w.batch, w.precision);
  estimate.time = estimate.time * slowdown(device, w.precision, family);
  return estimate;
}

Estimate time_of(const workload::GroupedProduct& w, workload::Family family, const Device& device) {
  Estimate estimate = w.separate ? device.matrix_product(w.m, w.n, w.k, 1, w.precision)
                                 : device.grouped_matrix_product(w.groups, w.m, w.n, w.k, w.precision);
  if (w.separate) estimate.time = estimate.time * static_cast<double>(w.groups);
  estimate.time = estimate.time * slowdown(device, w.precision, family);
  return estimate;
}

Estimate attention_of_width(const workload::Attention& w, std::int64_t head_dim, const Device& device) {
  return device.attention(w.batch, w.heads, w.kv_heads, w.query_length, w.kv_length, head_dim, w.causal,
                          w.pass == workload::AttentionPass::backward, w.precision);
}

Estimate time_of(const workload::Attention& w, workload::Family family, const Device& device) {
  const bool backward = w.pass == workload::AttentionPass::backward;
  Estimate estimate = attention_of_width(w, w.head_dim, device);
  if (w.kernel != workload::AttentionKernel::native && w.head_dim == 64) {
    const Seconds wide = attention_of_width(w, 128, device).time / 2;
    estimate.time = std::min(estimate.time, wide / calibration::flash_attention_2_narrow_rate);
  }
  using Kernel = workload::AttentionKernel;
  double factor = slowdown(device, w.precision, family);
  if (w.kernel != Kernel::native) {
    factor *= calibration::flash_attention_2_slowdown(device.specification.architecture, backward);
  }
  if (w.kernel == Kernel::flash_attention_triton) factor *= calibration::flash_attention_triton_slowdown;
  estimate.time = estimate.time * factor;
  return estimate;
}

Estimate time_of(const workload::MemoryBound& w, workload::Family, const Device& device) {
  const Bytes per_launch(w.bytes.value() / w.launches);
  Estimate estimate = device.memory_bound(per_launch);
  estimate.time = estimate.time * static_cast<double>(w.launches);
  return estimate;
}

/// A ring all-reduce is a reduce-scatter and an all-gather; the other kinds move what an all-gather moves.
double all_gather_equivalents(workload::CollectiveKind kind) {
  return kind == workload::CollectiveKind::all_reduce ? 2.0 : 1.0;
}

void add(Segment& segment, const workload::Communication& w, std::int64_t count) {
  auto& traffic = (w.overlapped ? segment.concurrent : segment.sequential)[static_cast<std::size_t>(w.group)];
  const double rings = all_gather_equivalents(w.kind);
  traffic.bytes += rings * static_cast<double>(w.bytes.value()) * static_cast<double>(count);
  traffic.collectives += rings * static_cast<double>(count);
  traffic.kinds[static_cast<std::size_t>(w.kind)] += rings * static_cast<double>(w.bytes.value() * count);
}

template <class Kernel>
void add(Segment& segment, const Kernel& kernel, workload::Family family, std::int64_t count, const Device& device) {
  const Estimate estimate = time_of(kernel, family, device);
  segment.parts[static_cast<std::size_t>(family)] += estimate.time * static_cast<double>(count);
  segment.footing = calibration::weaker(segment.footing, estimate.footing);
}

/// Collectives are issued by libraries, not line by line.
double kernels_in(const workload::Operation& operation) {
  std::int64_t kernels = std::holds_alternative<workload::Communication>(operation.work) ? 0 : 1;
  if (const auto* moved = std::get_if<workload::MemoryBound>(&operation.work)) kernels = moved->launches;
  if (const auto* grouped = std::get_if<workload::GroupedProduct>(&operation.work))
    kernels = grouped->separate ? grouped->groups : 1;
  return static_cast<double>(operation.count * kernels);
}

}  // namespace

Seconds Segment::compute() const { return std::accumulate(parts.begin(), parts.end(), Seconds(0)); }

Segment Segment::scaled(double fraction) const {
  Segment result = *this;
  for (Seconds& part : result.parts) part = part * fraction;
  result.host = result.host * fraction;
  for (auto* group : {&result.sequential, &result.concurrent}) {
    for (SegmentTraffic& traffic : *group) {
      traffic.bytes *= fraction;
      traffic.collectives *= fraction;
    }
  }
  return result;
}

Segment price(const workload::Operations& operations, const calibration::Device& device, std::int64_t gpus,
              Seconds host_per_kernel, const calibration::Variation& variation) {
  Segment segment;
  double kernels = 0;
  for (const workload::Operation& operation : operations) {
    kernels += kernels_in(operation);
    std::visit(
        [&]<class Work>(const Work& work) {
          if constexpr (std::is_same_v<Work, workload::Communication>)
            add(segment, work, operation.count);
          else
            add(segment, work, operation.family, operation.count, device);
        },
        operation.work);
  }
  const auto part = [&segment](Part p) -> Seconds& { return segment.parts[static_cast<std::size_t>(p)]; };
  part(Part::straggler) =
      (part(Part::matrix_product) + part(Part::attention)) * calibration::slowest_excess(gpus, variation);
  segment.host = host_per_kernel * kernels;
  return segment;
}

}  // namespace plenum::datacenter
