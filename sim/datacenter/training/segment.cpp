#include "sim/datacenter/training/segment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "calibration/attention_kernels.hpp"
#include "calibration/training_slowdown.hpp"

namespace plenum::datacenter {
namespace {

/// Families of kernels are the first parts of a breakdown, under the same names.
static_assert(std::equal(workload::family_names.begin(), workload::family_names.end() - 1, part_names.begin()));

using calibration::Device;
using calibration::Estimate;

/// Who computes, and how fast it may.
struct Card {
  const Device& device;
  calibration::OperatingPoint point;
};

double slowdown(const Card& card, Precision precision, workload::Family family) {
  const double sustained = card.device.sustained_slowdown(precision);
  return family == workload::Family::attention
             ? sustained * calibration::attention_slowdown(card.device, precision)
             : sustained * calibration::training_slowdown(card.device, precision) / card.point.relief;
}

/// What reads and writes all the time gains nothing from a higher clock, nor what is too short to have lowered it.
bool feels_clock(const workload::MatrixProduct& w, Seconds time, const Device& device) {
  constexpr Seconds draws_power(20e-6);
  const double elements = double(w.m) * double(w.k) + double(w.n) * double(w.k);
  const double bytes = double(w.batch) * (elements * bytes_per_element(w.precision) + 2 * double(w.m) * double(w.n));
  return time > draws_power && time > 2.0 * device.memory_bound(Bytes(std::llround(bytes))).time;
}

Estimate time_of(const workload::MatrixProduct& w, workload::Family family, const Card& card) {
  Estimate estimate = card.device.matrix_product(w.m, w.n, w.k, w.batch, w.precision);
  const bool waits_for_memory = card.point.relief != 1 && !feels_clock(w, estimate.time, card.device);
  const Card at{card.device, waits_for_memory ? calibration::OperatingPoint{} : card.point};
  estimate.time = estimate.time * slowdown(at, w.precision, family);
  return estimate;
}

Estimate time_of(const workload::GroupedProduct& w, workload::Family family, const Card& card) {
  const Device& device = card.device;
  Estimate estimate = w.separate ? device.matrix_product(w.m, w.n, w.k, 1, w.precision)
                                 : device.grouped_matrix_product(w.groups, w.m, w.n, w.k, w.precision);
  if (w.separate) estimate.time = estimate.time * static_cast<double>(w.groups);
  estimate.time = estimate.time * slowdown(card, w.precision, family);
  return estimate;
}

Estimate attention_of_width(const workload::Attention& w, std::int64_t head_dim, const Device& device) {
  return device.attention(w.batch, w.heads, w.kv_heads, w.query_length, w.kv_length, head_dim, w.causal,
                          w.pass == workload::AttentionPass::backward, w.precision);
}

Estimate time_of(const workload::Attention& w, workload::Family family, const Card& card) {
  const Device& device = card.device;
  const bool backward = w.pass == workload::AttentionPass::backward;
  Estimate estimate = attention_of_width(w, w.head_dim, device);
  if (w.kernel != workload::AttentionKernel::native && w.head_dim == 64) {
    const Seconds wide = attention_of_width(w, 128, device).time / 2;
    estimate.time = std::min(estimate.time, wide / calibration::flash_attention_2_narrow_rate);
  }
  using Kernel = workload::AttentionKernel;
  double factor = slowdown(card, w.precision, family);
  if (w.kernel != Kernel::native) {
    factor *= calibration::flash_attention_2_slowdown(device.specification.architecture, backward);
  }
  if (w.kernel == Kernel::flash_attention_triton) factor *= calibration::flash_attention_triton_slowdown;
  estimate.time = estimate.time * factor;
  return estimate;
}

Estimate time_of(const workload::MemoryBound& w, workload::Family, const Card& card) {
  const Bytes per_launch(w.bytes.value() / w.launches);
  Estimate estimate = card.device.memory_bound(per_launch, w.kernel, w.fused, card.point.clock);
  estimate.time = estimate.time * static_cast<double>(w.launches);
  return estimate;
}

Estimate time_of(const workload::Operation& operation, const Card& card) {
  return std::visit(
      [&]<class Work>(const Work& work) {
        if constexpr (std::is_same_v<Work, workload::Communication>)
          return Estimate{};
        else
          return time_of(work, operation.family, card);
      },
      operation.work);
}

/// The kernel beside which a collective runs (Communication::overlapped); none where the schedule has moved it away.
const workload::Operation* neighbour(const workload::Operations& operations, std::size_t place) {
  const auto& w = std::get<workload::Communication>(operations[place].work);
  const auto family =
      w.group == workload::GroupDimension::context ? workload::Family::attention : workload::Family::matrix_product;
  const auto is_neighbour = [family](const workload::Operation& o) { return o.family == family; };
  if (w.kind == workload::CollectiveKind::all_gather) {
    const auto next =
        std::find_if(operations.begin() + static_cast<std::ptrdiff_t>(place), operations.end(), is_neighbour);
    return next == operations.end() ? nullptr : &*next;
  }
  const auto before =
      std::find_if(operations.rend() - static_cast<std::ptrdiff_t>(place), operations.rend(), is_neighbour);
  return before == operations.rend() || before->name.ends_with("input_gradient") ? nullptr : &*before;
}

/// Exchanges of experts run beside another micro-batch.
Seconds time_beside(const workload::Operations& operations, std::size_t place, const Card& card) {
  const auto& w = std::get<workload::Communication>(operations[place].work);
  if (w.kind == workload::CollectiveKind::all_to_all) return Seconds(std::numeric_limits<double>::infinity());
  const auto* kernel = neighbour(operations, place);
  return kernel == nullptr ? Seconds{} : time_of(*kernel, card).time;
}

void issue(Segment& segment, const workload::Operations& operations, std::size_t place, const Card& card) {
  const auto& operation = operations[place];
  const auto& w = std::get<workload::Communication>(operation.work);
  segment.issued.push_back({.dimension = static_cast<std::size_t>(w.group),
                            .kind = w.kind,
                            .bytes = static_cast<double>(w.bytes.value()),
                            .count = static_cast<double>(operation.count),
                            .kernel = w.overlapped ? time_beside(operations, place, card) : Seconds{},
                            .most_hidden = 1 - w.exposed});
}

void add(Segment& segment, const workload::Operation& operation, const Card& card) {
  const Estimate estimate = time_of(operation, card);
  segment.parts[static_cast<std::size_t>(operation.family)] += estimate.time * static_cast<double>(operation.count);
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

Seconds Segment::at_full_power() const {
  return parts[static_cast<std::size_t>(Part::matrix_product)] + parts[static_cast<std::size_t>(Part::attention)];
}

Segment Segment::scaled(double fraction) const {
  Segment result = *this;
  for (Seconds& part : result.parts) part = part * fraction;
  result.host = result.host * fraction;
  for (Issued& collective : result.issued) collective.count *= fraction;
  return result;
}

Segment price(const workload::Operations& operations, const calibration::Device& device, std::int64_t gpus,
              Seconds host_per_kernel, const calibration::Variation& variation,
              const calibration::OperatingPoint& point) {
  const Card card{device, point};
  Segment segment;
  double kernels = 0;
  for (std::size_t place = 0; place < operations.size(); ++place) {
    kernels += kernels_in(operations[place]);
    if (std::holds_alternative<workload::Communication>(operations[place].work))
      issue(segment, operations, place, card);
    else
      add(segment, operations[place], card);
  }
  const auto part = [&segment](Part p) -> Seconds& { return segment.parts[static_cast<std::size_t>(p)]; };
  part(Part::straggler) =
      (part(Part::matrix_product) + part(Part::attention)) * calibration::slowest_excess(gpus, variation);
  segment.host = host_per_kernel * kernels;
  return segment;
}

}  // namespace plenum::datacenter
